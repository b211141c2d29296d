"""Reading what other programs write: files to rows of text, what each cell means, whose file it is. No database here."""
