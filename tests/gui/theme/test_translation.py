"""Translation: sentences from below are translated with their values, and a file is installed."""

from __future__ import annotations

from typing import ClassVar

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from netbuilder.document.model.project import DataChoice
from netbuilder.engine.layers import Dense
from netbuilder.errors import Message
from netbuilder.gui.theme import translation
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets import labels


class German(QTranslator):
    """A few words, by context."""

    WORDS: ClassVar = {
        ("Messages", "{name} needs {what}."): "{name} braucht {what}.",
        ("Messages", "2 inputs"): "2 Eingänge",
        ("Labels", "units"): "Neuronen",
        ("Labels", "Flower"): "Blume",
    }

    def translate(self, context, text, disambiguation=None, n=-1):
        # None is "as it is"; an empty text would blank all that Qt itself says.
        return self.WORDS.get((context, text))

    def isEmpty(self):
        return False


@pytest.fixture
def german(qapp):
    translator = German()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def test_without_a_translation_it_is_the_sentence_itself(qapp):
    message = Message("{name} needs {what}.", name="Add 1", what=Message("2 inputs"))
    assert tr_message(message) == "Add 1 needs 2 inputs."
    assert tr_message("as it is {x}") == "as it is {x}"
    assert tr_message(Message("100 % {sure}")) == "100 % {sure}"


def test_a_message_is_translated_before_its_values_are_put_in(german):
    message = Message("{name} needs {what}.", name="Add 1", what=Message("2 inputs"))
    assert tr_message(message) == "Add 1 braucht 2 Eingänge."
    assert tr_text("units") == "Neuronen"


def test_panels_speak_the_users_language(german, window):
    assert window.workspaces.panels["data"].buttons["flower"].text() == "Blume"
    window.store.select(["n1"])
    assert window.workspaces.panels["inspector"].form.fields["units"].accessibleName()
    label = window.workspaces.panels["inspector"].form._rows["units"][0]
    assert label.text() == "Neuronen"


def test_installing_without_a_file_of_ours_does_no_harm(qapp):
    translation.install(qapp, QLocale("xx_XX"))


def test_choices_have_titles():
    settings = {s.name: s for s in (*Dense.settings(), *DataChoice.settings())}
    assert labels.choice_title(settings["activation"], "leaky_relu") == "Leaky ReLU"
    assert labels.choice_title(settings["scale"], "minmax") == "0 to 1"
    assert labels.choice_title(settings["scale"], "as_it_is") == "as_it_is"
