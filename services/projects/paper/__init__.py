"""An order on paper: the words in the reader's language, and the PDF. The same order gives the same bytes."""
