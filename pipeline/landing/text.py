"""From the bytes of a delivery to UTF-8 text whose lines DuckDB reads safely.

The bytes are first copied, hashed on the way, to a scratch file with a plain name: the file that
was hashed is the file that is read, whatever its name is and whatever happens to it meanwhile.
The text is then written with `\\n` line ends and with everything DuckDB's reader stumbles over
replaced by a Unicode noncharacter, which no text holds.
"""

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.landing.report import BadFile
from pipeline.warehouse.on_duckdb import quoted

NUL_MARK = "\ufdd0"
NONCHARACTER_MARK = "\ufdd1"
#: Delimiter of the reader that takes a physical line as one column: it is in no text.
LINE_MARK = "\ufdd2"
#: A carriage return within a line, where the reader would see a line end.
RETURN_MARK = "\ufdd3"

#: The longest physical line, and the longest record over several lines, that is read.
MAX_LINE_BYTES = 2_000_000

_CHUNK = 1 << 20
_NONCHARACTER = re.compile(b"\xef\xb7[\x90-\xaf]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Text:
    """A scratch file of text. `line_count` counts physical lines, a cut last one included."""

    path: Path
    encoding: str
    line_count: int
    ends_with_newline: bool
    has_quotes: bool
    has_marks: bool
    has_returns: bool

    @property
    def numbered_sql(self) -> str:
        """A query of `n`, from 1, and `line`, null where empty. Numbers are given as lines are read:

        no later step of the engine need keep their order.
        """
        return f"SELECT row_number() OVER () AS n, line FROM {self.lines_sql}"

    @property
    def lines_sql(self) -> str:
        """A table of one column `line`: the physical lines, null where empty."""
        return (
            f"read_csv({quoted(self.path)}, auto_detect = false, columns = {{'line': 'VARCHAR'}}, "
            f"delim = '{LINE_MARK}', quote = '', escape = '', header = false, new_line = '\\n', strict_mode = true)"
        )

    def shown(self, line: str) -> str:
        """SQL that gives `line` back as it was delivered, NUL bytes as the symbol U+2400."""
        if self.has_marks:
            line = f"replace(replace({line}, '{NUL_MARK}', '\u2400'), '{NONCHARACTER_MARK}', '\ufffd')"
        return f"replace({line}, '{RETURN_MARK}', chr(13))" if self.has_returns else line


def copy_and_hash(source: Path, target: Path) -> str:
    """Copy the bytes of `source` to `target`; returns their sha256."""
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            write.write(chunk)
    return digest.hexdigest()


def as_codec(encoding: str) -> str:
    """Python's name of a declared encoding, or `UsageError`."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    known = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16-le", "iso8859-1": "latin-1", "cp1252": "cp1252"}
    known |= {name: name for name in ("utf-16-le", "utf-16-be")}
    if name not in known:
        raise UsageError(f"encoding {encoding!r} is not known; known: utf-8, utf-16, latin-1, windows-1252")
    return known[name]


def to_text(source: Path, target: Path, declared: str, *, is_gzipped: bool) -> Text:
    """Write the bytes of `source` as UTF-8 to `target`. A byte order mark wins over `declared`.

    Raises `BadFile` with rule `gzip`, `encoding` or `line_too_long`.
    """
    chunks = _chunks(source, is_gzipped=is_gzipped)
    first = next(chunks, b"")
    bom, encoding = next(((bom, name) for bom, name in _BOMS if first.startswith(bom)), (b"", as_codec(declared)))
    writer = _Writer(first[len(bom) :], encoding, len(bom), has_bom=bool(bom))
    with target.open("wb") as out:
        out.write(writer.take(first[len(bom) :]))
        for chunk in chunks:
            out.write(writer.take(chunk))
        out.write(writer.finish())
    return Text(
        path=target,
        encoding=encoding,
        line_count=writer.newlines + (not writer.ends_with_newline),
        ends_with_newline=writer.ends_with_newline,
        has_quotes=writer.has_quotes,
        has_marks=writer.has_marks,
        has_returns=writer.has_returns,
    )


def _chunks(source: Path, *, is_gzipped: bool) -> Iterator[bytes]:
    try:
        with gzip.open(source, "rb") if is_gzipped else source.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFile("gzip", f"the compressed data is cut or damaged ({error}): ask for it again") from error


class _Writer:
    """Decodes chunk by chunk; keeps count of lines and of what needs care later."""

    def __init__(self, first: bytes, encoding: str, skipped: int, *, has_bom: bool) -> None:
        self.encoding, self.offset, self.has_bom = encoding, skipped, has_bom
        self.decoder = codecs.getincrementaldecoder(encoding)("strict")
        self.newlines = 0
        self.ends_with_newline = True
        self.has_quotes = self.has_marks = self.has_returns = False
        self.held_return = False
        self.line_bytes = 0
        # Only carriage returns: an old Macintosh file, whose lines end with them.
        sample = first.replace(b"\0", b"")
        self.returns_end_lines = b"\r" in sample and b"\n" not in sample

    def take(self, chunk: bytes, *, final: bool = False) -> bytes:
        self.offset += len(chunk)
        try:
            text = self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from error
        return self._clean(text.encode("utf-8"), final=final)

    def finish(self) -> bytes:
        return self.take(b"", final=True)

    def _clean(self, data: bytes, *, final: bool) -> bytes:
        if self.held_return:
            data = b"\r" + data
        self.held_return = data.endswith(b"\r") and not final
        if self.held_return:
            data = data[:-1]
        elif final and data == b"\r":
            data = b"\n"
        if b"\xef\xb7" in data and _NONCHARACTER.search(data):
            data = _NONCHARACTER.sub(NONCHARACTER_MARK.encode(), data)
            self.has_marks = True
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
            if self.returns_end_lines:
                data = data.replace(b"\r", b"\n")
            elif b"\r" in data:
                data = data.replace(b"\r", RETURN_MARK.encode())
                self.has_returns = True
        if b"\0" in data:
            data = data.replace(b"\0", NUL_MARK.encode())
            self.has_marks = True
        self.has_quotes = self.has_quotes or b'"' in data
        self._count(data)
        return data

    def _count(self, data: bytes) -> None:
        if not data:
            return
        first = data.find(b"\n")
        self.line_bytes += len(data) if first < 0 else first
        if self.line_bytes > MAX_LINE_BYTES:
            raise BadFile("line_too_long", f"line {self.newlines + 1} is longer than {MAX_LINE_BYTES} bytes")
        if first >= 0:
            self.line_bytes = len(data) - data.rfind(b"\n") - 1
        self.newlines += data.count(b"\n")
        self.ends_with_newline = data.endswith(b"\n")

    def _undecodable(self, error: UnicodeDecodeError) -> BadFile:
        before = error.object[: error.start].decode(self.encoding, "ignore")
        line = self.newlines + 1 + before.count("\n")
        where = self.offset - len(error.object) + error.start
        said = "its byte order mark says" if self.has_bom else "is declared"
        return BadFile(
            "encoding",
            f"byte 0x{error.object[error.start]:02X} at offset {where} (line {line}) is not {self.encoding}, "
            f"as {said}: if the system writes another encoding, declare that one",
        )
