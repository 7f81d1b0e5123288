"""Unpacks the voices of a model that come as `voices.zip`, and refuses an archive that reaches outside its folder."""

import shutil
import stat
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

#: No model published so far comes near; an archive that claims more is broken or meant to fill the disk.
MOST_BYTES = 16 << 30


class BadArchive(ValueError):
    """An archive is broken, or would write where it must not."""


def unpack(model: Path, into: Path) -> Path:
    """Return a model's folder with `voices/` in it: the model's own, or `into`, filled from its `voices.zip`.

    Raises `BadArchive` before anything is written when the archive is broken or a name in it leads elsewhere.
    """
    archive = model / "voices.zip"
    if (model / "voices").is_dir() or not archive.is_file():
        return model
    try:
        with ZipFile(archive) as packed:
            _check(packed, archive)
            root = into if _holds_the_folder(packed) else into / "voices"
            packed.extractall(root)
    except BadZipFile as error:
        raise BadArchive(f"{archive} is broken: {error}") from None
    for name in ("configuration.json", "README.md"):
        if (model / name).is_file():
            shutil.copy(model / name, into)
    return into


def _holds_the_folder(packed: ZipFile) -> bool:
    """Return whether the archive has the folder `voices` itself rather than what is in it."""
    return any(name.startswith("voices/") for name in packed.namelist())


def _check(packed: ZipFile, archive: Path) -> None:
    for member in packed.infolist():
        if not _stays_inside(member):
            raise BadArchive(f"{archive} is refused: {member.filename!r} in it leads out of the folder")
    if sum(member.file_size for member in packed.infolist()) > MOST_BYTES:
        raise BadArchive(f"{archive} is refused: unpacked, it would be larger than {MOST_BYTES >> 30} GiB")


def _stays_inside(member: ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    plain = not path.is_absolute() and ".." not in path.parts and "\\" not in member.filename
    return plain and ":" not in member.filename and not stat.S_ISLNK(member.external_attr >> 16)
