"""Lists of records: which kinds there are, what columns each has, and how a list is asked for in an address."""
