"""Which encoding a text file has, found by decoding all of it, in constant memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from enrichment.uploads.euc import WINDOWS_EXTENSIONS
from enrichment.uploads.messages import ReleaseError

CHUNK = 256 * 1024  # bytes
SAMPLE = 64 * 1024  # code points that are enough to tell encodings apart
HEAD = 4 * 1024  # bytes in which the NULs of UTF-16 and the escapes of JIS show
FEWEST_NULS = 3  # of any UTF-16: a delimiter, a line end, and a digit or a quote
JIS = re.compile(rb"\x1b\$[@B]")  # how ISO-2022-JP begins what is not ASCII

BOM = codecs.BOM_UTF8
TOLD = {"utf-8": "UTF-8", "cp932": "Shift_JIS (CP932)", "euc_jp": "EUC-JP"}
ERRORS = {"euc_jp": WINDOWS_EXTENSIONS}

UNASSIGNED_IN_CP932 = re.compile("[\x80\uf8f0-\uf8f3]")  # Python decodes these five bytes.
DELIMITER = re.compile('[\n\r,\t{"]')
PROOF_OF_UTF8 = re.compile("[\u3041-\u30ff]|[\u0800-\uffff].*[\u0800-\uffff]", re.DOTALL)

HALF_WIDTH = re.compile("[\x00-\x7f\uff66-\uff9f]*")
KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
NOT_ASCII = re.compile("[^\x00-\x7f]")
COMMON = re.compile(  # kana, kanji of the first level, and the punctuation between them
    "[\u3001-\u3003\u3005-\u3015\u3041-\u3096\u30a1-\u30fc\uff01-\uff5e"
    + "".join(bytes([row, cell]).decode("euc_jp") for row in range(0xB0, 0xCF)
              for cell in range(0xA1, 0xFF))
    + "]"
)  # fmt: skip


class Scan:
    """One encoding tried on the bytes of a file, as far as it goes."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.whole = True
        self.offset = 0  # bytes read; at the end of a scan that broke, those before the bad byte
        self.row = 1  # the line it is on
        self.sample = ""
        self.proven = False  # as UTF-8
        self._ends_in_return = False
        self._errors = ERRORS.get(encoding, "strict")
        self._decoder = codecs.getincrementaldecoder(encoding)(self._errors)

    def feed(self, data: bytes, *, final: bool = False) -> None:
        pending: bytes = self._decoder.getstate()[0]
        start = self.offset - len(pending)
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            good = error.object[: error.start]
            self._take(good.decode(self.encoding, self._errors))
            self.offset, self.whole = start + len(good), False
            return
        unassigned = UNASSIGNED_IN_CP932.search(text) if self.encoding == "cp932" else None
        if unassigned:
            text = text[: unassigned.start()]
            self.offset, self.whole = start + len(text.encode(self.encoding)), False
        else:
            self.offset += len(data)
        self._take(text)

    def _take(self, text: str) -> None:
        self.row += text.count("\n") + text.count("\r") - text.count("\r\n")
        if self._ends_in_return and text.startswith("\n"):
            self.row -= 1
        self._ends_in_return = text.endswith("\r")
        self.proven = self.proven or bool(PROOF_OF_UTF8.search(text))
        if len(self.sample) < SAMPLE:
            self.sample += text[:SAMPLE]

    @property
    def plausibility(self) -> float:
        """The share of what is common in Japanese among all that is not ASCII, 0 to 1."""
        return len(COMMON.findall(self.sample)) / (len(NOT_ASCII.findall(self.sample)) or 1)

    @property
    def is_evident(self) -> bool:
        """Whether nobody would write this by chance in another encoding."""
        return len(KANA.findall(self.sample)) >= 8 and self.plausibility > 0.8


def detect(file: BinaryIO) -> str:
    """The encoding of a file from its start to its end.

    One of utf-8, utf-8-sig, cp932, euc_jp, utf-16, utf-16-le and utf-16-be; utf-8-sig and utf-16
    have a mark at the start. file: seekable. Raises ReleaseError with row and byte
    when none fits.
    """
    head = _head(file)
    if wide := _utf_16(head):
        return _wide(file, wide, head)
    if JIS.search(head):
        raise ReleaseError("unsupported_encoding", encoding="JIS (ISO-2022-JP)")
    (utf_8,) = _scans(file, "utf-8")
    if utf_8.whole:
        return "utf-8-sig" if head.startswith(BOM) else "utf-8"
    cp932, euc_jp = _scans(file, "cp932", "euc_jp")
    if head.startswith(BOM) or (utf_8.proven and utf_8.plausibility > cp932.plausibility):
        raise _broken(utf_8)
    likely = _likely(cp932, euc_jp)
    if likely.whole:
        return likely.encoding
    if b"\0" in head:
        raise ReleaseError("binary_file")
    furthest = max(utf_8, cp932, euc_jp, key=lambda scan: scan.offset)
    raise _broken(likely if likely.is_evident else furthest)


def _wide(file: BinaryIO, encoding: str, head: bytes) -> str:
    codec = encoding
    if encoding == "utf-16":
        codec = "utf-16-be" if head.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    (scan,) = _scans(file, codec)
    if not scan.whole:
        raise _broken(scan)
    return encoding


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD)


def _scans(file: BinaryIO, *encodings: str) -> list[Scan]:
    scans = [Scan(encoding) for encoding in encodings]
    for data in _chunks(file):
        alive = [scan for scan in scans if scan.whole]
        for scan in alive:
            scan.feed(data, final=not data)
        if not alive:
            break
    return scans


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The file in pieces; the last is empty."""
    file.seek(0)
    while data := file.read(CHUNK):
        yield data
    yield b""


def _utf_16(head: bytes) -> str:
    """UTF-16 by its mark, or by the NULs that ASCII has in it; or nothing."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    nuls = {"utf-16-be": head[::2].count(0), "utf-16-le": head[1::2].count(0)}
    encoding = max(nuls, key=lambda name: nuls[name])
    if nuls[encoding] < FEWEST_NULS or nuls[encoding] * 100 < len(head):
        return ""
    text = head.decode(encoding, "replace")
    return encoding if "\0" not in text and DELIMITER.search(text) else ""


def _likely(cp932: Scan, euc_jp: Scan) -> Scan:
    """EUC-JP often is CP932 as well, as a mess of half-width kana; hardly ever the reverse."""
    if cp932.whole and HALF_WIDTH.fullmatch(cp932.sample) and not KANA.search(euc_jp.sample):
        return cp932
    better = euc_jp if euc_jp.plausibility > cp932.plausibility else cp932
    if better.whole or better.is_evident:
        return better
    return euc_jp if euc_jp.whole else cp932


def _broken(scan: Scan) -> ReleaseError:
    told = TOLD.get(scan.encoding, scan.encoding.upper())
    return ReleaseError("wrong_encoding", encoding=told, row=scan.row, offset=scan.offset + 1)
