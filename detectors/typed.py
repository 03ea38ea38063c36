"""What members of staff typed, made comparable: as SQL."""


def plain(column: str) -> str:
    """SQL of a typed text in small letters, digits and single spaces; NULL stays NULL.

    Args:
        column: a column of text, or any expression of one.
    """
    return rf"trim(regexp_replace(lower({column}), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"


def says_something(column: str) -> str:
    """SQL of whether a typed text is more than a placeholder; false where it is blank.

    Binds `$placeholders`, a list of plain texts, and `$letters`, the fewest letters that count.
    """
    typed = plain(column)
    return (
        rf"coalesce(not list_contains($placeholders, {typed}) "
        rf"and length(regexp_replace({typed}, '[^\p{{L}}]', '', 'g')) >= $letters, false)"
    )
