"""A quote as PDF: its words and figures go into the template as data, and a process of its own sets them."""
