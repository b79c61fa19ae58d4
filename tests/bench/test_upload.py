from __future__ import annotations

import csv
import io
import os

import openpyxl

from bench import _memory
from bench._releases import Releases
from bench.upload import csv_file, workbook


def test_both_files_hold_the_same_titles() -> None:
    titles = Releases().titles(3)
    table = list(csv.DictReader(io.StringIO(csv_file(titles).decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(titles))).active
    assert sheet is not None
    rows = [["" if cell is None else cell for cell in row] for row in sheet.values]
    assert table == titles
    assert rows == [list(titles[0]), *(list(title.values()) for title in titles)]


def test_what_a_process_needed_for_a_while_shows_in_its_peak() -> None:
    _memory.forget_peak(os.getpid())
    before = _memory.resident_mb(os.getpid())
    ballast = bytearray(os.urandom(64 * 1024 * 1024))
    del ballast
    assert _memory.peak_mb(os.getpid()) - before > 60
