"""The writable tree of a worker: filled from the private copy and from what the set-up built beside
it, restored after every run.

A file counts as untouched when inode, size, modification and change time are as we left them; the
change time cannot be set from user space. Standard library only.
"""

import os
import shutil
import stat

LARGE_FILES = 500
LARGE_BYTES = 16 * 1024 * 1024


class WorkTree:
    """``base`` is the read-only private copy, ``work`` the folder that runs see. ``built`` holds what
    the set-up left in the project's folder; where both have a file, the base's own is taken."""

    def __init__(self, base, work, built=None):
        self._base = base
        self._work = work
        self._built = built
        self._sources = {}
        self._known = {}
        self._folders = set()
        self._modes = {}
        self._laid = {}
        self._laid_folders = set()

    def populate(self):
        self._lay(self._base, "", False)
        if self._built is not None and os.path.isdir(self._built):
            self._lay(self._built, "", True)
        for path in ("", *sorted(self._folders)):
            self._modes[path] = os.stat(self._full(path)).st_mode

    def _lay(self, source, relative, may_link):
        """Fill a folder of the tree from ``source``, leaving alone what is there already."""
        with os.scandir(source) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            path = os.path.join(relative, entry.name)
            if path in self._sources:
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and (path in self._folders or not (may_link and _is_large(entry.path))):
                os.makedirs(self._full(path), exist_ok=True)
                self._folders.add(path)
                self._lay(entry.path, path, may_link)
            elif path not in self._folders:
                self._sources[path] = entry.path
                self._copy(path)

    def lay_over(self, overlay):
        """Write a candidate's files; ``None`` removes one. Refuses paths that leave the tree."""
        for path, data in overlay.items():
            full = self._inside(path)
            self._laid[path] = None
            if data is None:
                if os.path.lexists(full):
                    os.unlink(full)
                continue
            folder = os.path.dirname(path)
            while folder and folder not in self._folders:
                self._laid_folders.add(folder)
                folder = os.path.dirname(folder)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            mode = None
            if os.path.lexists(full):
                mode = stat.S_IMODE(os.lstat(full).st_mode)
                os.unlink(full)
            with open(full, "wb") as file:
                file.write(data)
            if mode is not None:
                os.chmod(full, mode)
            self._laid[path] = _signature(full)

    def is_original(self, path):
        """Whether the file is the base's own, as we left it."""
        known = self._known.get(path)
        return known is not None and known == _signature(os.path.join(self._work, path))

    def restore(self, overlay):
        """Bring the tree back to the base, whatever the run did to it. Returns the paths of files
        that the run made, changed or removed. Raises OSError, RecursionError where it cannot."""
        for path, mode in self._modes.items():
            full = self._full(path)
            if os.path.isdir(full) and not os.path.islink(full) and os.stat(full).st_mode != mode:
                os.chmod(full, stat.S_IMODE(mode))
        touched = [path for path, known in self._laid.items() if _signature(self._full(path)) != known]
        for path in overlay:
            self._known.pop(path, None)
        seen = set()
        for folder, folders, files in os.walk(self._work, topdown=True):
            relative = os.path.relpath(folder, self._work)
            relative = "" if relative == "." else relative
            for name in list(folders):
                path = os.path.join(relative, name)
                full = os.path.join(folder, name)
                if os.path.islink(full):
                    folders.remove(name)
                    files.append(name)
                elif path not in self._folders and path not in self._laid_folders:
                    folders.remove(name)
                    touched.extend(self._files_below(full))
                    _remove_folder(full)
            for name in files:
                path = os.path.join(relative, name)
                full = os.path.join(folder, name)
                if self._known.get(path) == _signature(full):
                    seen.add(path)
                else:
                    if path not in self._laid:
                        touched.append(path)
                    _remove(full)
        touched.extend(path for path in self._known if path not in seen and path not in touched)
        for path in sorted(self._laid_folders, reverse=True):
            _remove(self._full(path))
        self._laid, self._laid_folders = {}, set()
        for path in sorted(self._folders):
            if not os.path.isdir(self._full(path)):
                os.makedirs(self._full(path))
                os.chmod(self._full(path), stat.S_IMODE(self._modes[path]))
        for path in self._sources if len(seen) != len(self._sources) else ():
            if path not in seen:
                self._copy(path)
        return sorted(set(touched))

    def _full(self, path):
        return os.path.join(self._work, path)

    def _files_below(self, folder):
        for inner, _, names in os.walk(folder):
            for name in names:
                yield os.path.relpath(os.path.join(inner, name), self._work)

    def _copy(self, path):
        source = self._sources[path]
        target = self._full(path)
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif os.path.isdir(source):
            os.symlink(source, target)
        elif os.path.isfile(source):
            shutil.copyfile(source, target)
            shutil.copystat(source, target)
        else:
            return
        self._known[path] = _signature(target)

    def _inside(self, path):
        full = os.path.normpath(os.path.join(self._work, path))
        if not full.startswith(os.path.normpath(self._work) + os.sep):
            raise OSError("%s leaves the working tree" % path)
        parent = os.path.realpath(os.path.dirname(full))
        if not (parent + os.sep).startswith(os.path.realpath(self._work) + os.sep):
            raise OSError("%s leads out of the working tree" % path)
        return full


def _is_large(folder):
    """Whether a folder is better linked than copied."""
    files = size = 0
    for inner, _, names in os.walk(folder):
        files += len(names)
        size += sum(os.lstat(os.path.join(inner, name)).st_size for name in names)
        if files > LARGE_FILES or size > LARGE_BYTES:
            return True
    return False


def _signature(path):
    try:
        info = os.lstat(path)
    except OSError:
        return None
    return (info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_mode)


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        _remove_folder(path)


def _remove_folder(path):
    """Raises OSError where something is left of it."""
    if not os.path.lexists(path):
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        _open_up(path)
        shutil.rmtree(path)


def _open_up(folder):
    """Give us the permissions that a test has taken away."""
    os.chmod(folder, 0o700)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _open_up(entry.path)
