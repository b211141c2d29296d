"""How people's names are shortened."""


def initials(name: str) -> str:
    """Two letters for a badge: of the first and the last word of the name."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
