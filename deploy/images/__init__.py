"""The images of Relève, and for machines without a registry those of its base and of the engines."""
