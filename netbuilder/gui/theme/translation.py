"""Translation of the window, and of the sentences and labels that come from the lower floors."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from netbuilder import assets
from netbuilder.errors import Message, UserError, told


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """The text as it is; by this name the translation tools find it in a table."""
    return text


def tr_text(text: str) -> str:
    """A label of a lower floor, such as a setting's name, in the user's language."""
    return QCoreApplication.translate("Labels", text)


def tr_message(message: Message | str) -> str:
    """A sentence of a lower floor in the user's language, with the messages among its values."""
    if isinstance(message, str):
        return message
    text = QCoreApplication.translate("Messages", message.text)
    if not message.values:
        return text
    return text.format(**{name: _value(value) for name, value in message.values.items()})


def _value(value: Any) -> Any:
    return tr_message(value) if isinstance(value, Message) else told(value)


def install(application: QCoreApplication, locale: QLocale | None = None) -> None:
    """Installs our translation and Qt's for the user's languages, as far as they are there."""
    locale = locale or QLocale()
    qt = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if qt.load(locale, "qtbase", "_", folder):
        application.installTranslator(qt)
    try:
        own_folder = assets.path("i18n")
    except UserError:
        return
    own = QTranslator(application)
    if own.load(locale, "netbuilder", "_", str(own_folder)):
        application.installTranslator(own)
