"""Pictures: recognised by their bytes, bounded, and freed of metadata such as the place where they were taken."""

from services.programmes.model.pictures.checking import MOST_BYTES, BadPicture, Picture, cleaned

__all__ = ["MOST_BYTES", "BadPicture", "Picture", "cleaned"]
