"""White space in front of lines: cut where a block stood inside an item or a quotation."""


def cut(line: str, columns: int) -> str:
    """Take up to that many columns of white space, and quotation marks, off a line's start."""
    if not columns:
        return line
    position = 0
    while position < len(line) and columns > 0 and line[position] in " \t\u3000\xa0>":
        columns -= 4 if line[position] == "\t" else 1
        position += 1
    return line[position:]


def dedent_below(text: str) -> str:
    """Take the common indentation off the lines below the first, where that has none."""
    first, *below = text.split("\n")
    indents = [len(line) - len(line.lstrip(" ")) for line in below if line.strip()]
    if not indents or not first.strip() or first.startswith(" "):
        return text
    indent = min(indents)
    return "\n".join([first, *(line[indent:] if line.strip() else line for line in below)])
