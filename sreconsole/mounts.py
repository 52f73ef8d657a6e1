"""Which file system a path lies on, by the mount table."""

from __future__ import annotations

from pathlib import Path

_NETWORK = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs"),
        *("ncpfs", "coda", "beegfs", "ocfs2", "vboxsf", "virtiofs"),
    )
)
MOUNTS = Path("/proc/self/mountinfo")


def on_network(path: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a path lies on a network file system, by the mount table; unknown tables count as local."""
    try:
        where = str(path.parent.resolve())
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    best, kind = "", ""
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = point == "/" or where == point or where.startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ", 1)[0]
    return kind in _NETWORK or kind.startswith("fuse.")
