"""The characters that Windows adds to EUC-JP, such as ① and 髙, which Python's codec lacks."""

from __future__ import annotations

import codecs

WINDOWS_EXTENSIONS = "euc_jp_windows_extensions"  # an error handler for the codec euc_jp
EXTENDED_ROWS = frozenset({0xAD, *range(0xF9, 0xFD)})  # NEC's and IBM's


def _decode_extension(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        pair = error.object[error.start : error.start + 2]
        if len(pair) == 2 and pair[0] in EXTENDED_ROWS and 0xA1 <= pair[1] <= 0xFE:
            try:
                return _as_cp932(*pair).decode("cp932"), error.start + 2
            except UnicodeDecodeError:
                raise error from None  # The row has gaps.
    raise error


def _as_cp932(row: int, cell: int) -> bytes:
    """The same place of the character table, written as CP932 writes it."""
    first = (row - 0xA1) // 2 + 0x81
    second = cell - 0x02 if row % 2 == 0 else cell - 0x61
    return bytes([first if first < 0xA0 else first + 0x40, second + (row % 2 and second >= 0x7F)])


codecs.register_error(WINDOWS_EXTENSIONS, _decode_extension)
