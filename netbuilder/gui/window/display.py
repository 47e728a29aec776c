"""Why there can be no window here, in words that help: libraries, plugins and displays of Linux.

Qt would end the process without such words. Nothing here needs Qt, which may be what is missing.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from netbuilder.errors import UserError

DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""The Debian and Ubuntu package of each library that Qt asks the system for."""

_WITHOUT = "Without a window, `netbuilder train` and the other commands work (netbuilder --help)."


def check_display() -> None:
    """Raises UserError, saying what to install or to set, where there can be no window."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    on_linux = sys.platform.startswith("linux")
    if on_linux and not platform and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        raise _no_display("neither DISPLAY nor WAYLAND_DISPLAY is set")
    try:
        from PySide6 import QtWidgets  # noqa: F401 — loads what Qt needs of the system
    except ImportError as error:
        if importlib.util.find_spec("PySide6") is None:
            raise UserError(
                "The window needs PySide6, which is not installed: pip install PySide6-Essentials. "
                "{without}",
                without=_WITHOUT,
            ) from None
        raise _cannot_load(_plugins("xcb"), str(error)) from error
    if on_linux and platform and ";" not in platform and not _plugins(platform):
        raise UserError(
            "Qt knows no platform called {platform!r}, which QT_QPA_PLATFORM asks for; take xcb, "
            "wayland or offscreen, or leave it unset. {without}",
            platform=platform,
            without=_WITHOUT,
        )
    if on_linux and platform in ("", "xcb", "wayland"):
        _try(platform)


def _try(platform: str) -> None:
    """Qt would end the process without a word that helps, so its platform is tried beforehand."""
    wanted = (
        [platform]
        if platform
        else [
            name
            for name, variable in (("wayland", "WAYLAND_DISPLAY"), ("xcb", "DISPLAY"))
            if os.environ.get(variable)
        ]
    )
    failures = [failure for name in wanted if (failure := _failure(name))]
    if len(failures) == len(wanted):
        raise failures[-1]


def _failure(platform: str) -> UserError | None:
    """Why Qt could not show a window this way, or None."""
    plugins = _plugins(platform)
    for plugin in plugins:
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            return _cannot_load([plugin], str(error))
    if platform == "xcb" and not _x_answers():
        return _no_display(f"no X server answers at DISPLAY={os.environ.get('DISPLAY', '')}")
    if platform == "wayland" and not _wayland_answers():
        name = os.environ.get("WAYLAND_DISPLAY", "")
        return _no_display(f"no compositor answers at WAYLAND_DISPLAY={name}")
    return None


def _plugins(platform: str) -> list[Path]:
    """The files of Qt's platform plugin in the installed PySide6."""
    spec = importlib.util.find_spec("PySide6")
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    return sorted(
        plugin
        for folder in folders
        for plugin in Path(folder, "Qt", "plugins", "platforms").glob(f"libq{platform}*.so")
    )


def _x_answers() -> bool:
    """Whether the X server lets us in, asked with the library that Qt asks with."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the plugin has loaded, so it has its own way
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return bool(answers)


def _wayland_answers() -> bool:
    try:
        wayland = ctypes.CDLL("libwayland-client.so.0")
    except OSError:
        return True
    wayland.wl_display_connect.restype = ctypes.c_void_p
    wayland.wl_display_connect.argtypes = [ctypes.c_char_p]
    wayland.wl_display_disconnect.argtypes = [ctypes.c_void_p]
    display = wayland.wl_display_connect(None)
    if display is None:
        return False
    wayland.wl_display_disconnect(display)
    return True


def _no_display(reason: str) -> UserError:
    return UserError(
        "There is no display to show a window on: {reason}. Start netbuilder on a desktop, or on a "
        "virtual screen: apt install xvfb xauth, then xvfb-run netbuilder. {without}",
        reason=reason,
        without=_WITHOUT,
    )


def _cannot_load(files: Iterable[Path], reason: str) -> UserError:
    """Names every library that is missing; what the loader says names only the first."""
    named = re.match(r"(?:.*: )?(lib[\w+.-]+\.so[\d.]*): cannot open shared object", reason)
    missing = sorted({*_missing(files), *([named[1]] if named else [])})
    if not missing:
        return UserError(
            "The window cannot be opened: {reason}. {without}", reason=reason, without=_WITHOUT
        )
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    return UserError(
        "The window cannot be opened, as Qt misses {missing} on this system. {remedy}. {without}",
        missing=", ".join(missing),
        remedy=f"On Debian and Ubuntu: apt install {' '.join(packages)}"
        if packages
        else "Install the packages that these belong to",
        without=_WITHOUT,
    )


def _missing(files: Iterable[Path]) -> set[str]:
    """The libraries that these files need and the system has not, as ldd finds them."""
    found: set[str] = set()
    for file in files:
        with contextlib.suppress(OSError):
            listing = subprocess.run(
                ["ldd", str(file)], capture_output=True, text=True, check=False
            )
            found.update(re.findall(r"^\s*(\S+) => not found", listing.stdout, re.MULTILINE))
    return found
