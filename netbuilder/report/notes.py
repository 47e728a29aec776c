"""What to know before a network is used: each a sentence, the weighty ones first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.data.encode import listed
from netbuilder.engine import metrics
from netbuilder.errors import Message
from netbuilder.report.subject import PARTS, Subject
from netbuilder.report.verdict import confidence

SMALL = 100
"""A part of fewer examples says little."""
_UNBALANCED = 4.0
"""From this ratio of the most frequent to the rarest class."""
_BASELINE = 0.02
"""A network that is not better by so much than the most frequent class has learned nothing."""
_OVERFIT = 0.05
_UNLIKE = 10.0
"""Features whose sizes differ by more were better scaled."""
_POOR = 0.5
"""A class is recognised poorly that is found less often."""


class Note(NamedTuple):
    """One thing to know."""

    weighty: bool
    message: Message


def notes(subject: Subject) -> list[Note]:
    """All that there is to say, what weighs first."""
    found = [*_run(subject), *_judged(subject), *_classes(subject), *_inputs(subject)]
    return sorted(found, key=lambda note: not note.weighty)


def _run(subject: Subject) -> list[Note]:
    if not subject.trained:
        text = "This network is not trained: its weights are the initial ones of its seed."
        return [Note(True, Message(text))]
    log = subject.log
    if log is None or log.best() is None:
        text = "Of the training nothing is known but its settings and the weights it led to."
        return [Note(False, Message(text))]
    best, rows = log.best(), log.evaluations()
    costs = rows["validation_cost"]
    if best is None or not np.isfinite(costs).any():
        return []
    last = float(costs[np.isfinite(costs)][-1])
    if last <= 1.05 * best[1]:
        return []
    at = int(rows["epoch"][int(np.searchsorted(rows["step"], best[0]))])
    text = (
        "The validation cost was lowest in epoch {epoch}, {best}, and is {last} at the end: an "
        "earlier moment of the run is likely to do better on new examples."
    )
    told = Message(text, epoch=f"{at:,}", best=numbers.cost(best[1]), last=numbers.cost(last))
    return [Note(True, told)]


def _judged(subject: Subject) -> list[Note]:
    """What the figures are worth."""
    part, found = subject.judged, []
    if subject.dataset is None:
        text = "The data is not there, so how good the network is cannot be told: {reason}"
        return [Note(True, Message(text, reason=subject.why_none or ""))]
    m, values = subject.parts[part].m, subject.metrics
    if part == "train":
        text = (
            "No examples were kept aside: all figures are of those that the network has learned "
            "from, and on new ones it may be far worse."
        )
        found.append(Note(True, Message(text)))
    elif part == "validation":
        text = (
            "There is no test part. The validation part was looked at while settings were chosen, "
            "so its figures may be a little too good."
        )
        found.append(Note(False, Message(text)))
    accuracy = values[part].get("accuracy")
    if accuracy is not None and part != "train":
        low, high = (numbers.percent(share) for share in confidence(accuracy, m))
        text = (
            "The {part} part has {m} examples: with 95 % certainty the accuracy on examples of the "
            "same kind lies between {low} and {high}."
        )
        told = Message(text, part=PARTS[part], m=f"{m:,}", low=low, high=high)
        found.append(Note(m < SMALL, told))
    elif accuracy is None and m < SMALL and part != "train":
        text = "The {part} part has only {m} examples, so its figures are rough."
        found.append(Note(True, Message(text, part=PARTS[part], m=f"{m:,}")))
    measure = "accuracy" if accuracy is not None else "r2"
    if part != "train" and values["train"][measure] - values[part][measure] > _OVERFIT:
        of = {name: numbers.percent(values[name][measure]) for name in ("train", part)}
        if measure == "r2":
            of = {name: f"R² {numbers.number(values[name][measure])}" for name in ("train", part)}
        text = (
            "It does better on the examples that it has learned from ({train}) than on others "
            "({other}): it has learned some of them by heart."
        )
        found.append(Note(True, Message(text, train=of["train"], other=of[part])))
    if measure == "r2" and values[part]["r2"] < 0.1:
        text = "It predicts hardly better than the mean of the targets would."
        found.append(Note(True, Message(text)))
    return found


def _classes(subject: Subject) -> list[Note]:
    info = subject.recipe.info
    if info.task == "regression" or not subject.parts:
        return []
    found = []
    counts = class_counts(subject, "train")
    rare, frequent = int(counts.argmin()), int(counts.argmax())
    if counts[frequent] > _UNBALANCED * counts[rare]:
        text = (
            "The classes are out of balance: {rare!r} has {few} training examples, {frequent!r} "
            "{many}. Look at the recall of the rare ones rather than at the accuracy."
        )
        told = Message(
            text,
            rare=info.class_names[rare],
            few=f"{counts[rare]:,}",
            frequent=info.class_names[frequent],
            many=f"{counts[frequent]:,}",
        )
        found.append(Note(True, told))
    judged = class_counts(subject, subject.judged)
    base = float(judged.max() / judged.sum())
    if subject.metrics[subject.judged]["accuracy"] - base < _BASELINE:
        text = (
            "Its accuracy is hardly better than always answering {name!r} would be ({share}): so "
            "far it has learned next to nothing that is of use."
        )
        name = info.class_names[int(judged.argmax())]
        found.append(Note(True, Message(text, name=name, share=numbers.percent(base))))
    right = np.diagonal(subject.confusion) / np.maximum(judged, 1)
    poor = [info.class_names[k] for k in np.flatnonzero((right < _POOR) & (judged > 0))]
    if poor:
        text = "It finds fewer than half of the examples of these classes: {names}."
        found.append(Note(True, Message(text, names=listed(poor))))
    if subject.plan.gives_probabilities:
        text = "Its probabilities are its own, and were not held against how often it is right."
        if subject.project.training.class_weights == "balanced":
            text = (
                "Classes weighed the same in training, so that its probabilities are too high for "
                "rare ones."
            )
        found.append(Note(False, Message(text)))
    return found


def class_counts(subject: Subject, part: str) -> NDArray[np.intp]:
    """(classes,) how many examples of a part there are of each."""
    info = subject.recipe.info
    codes = metrics.classes(subject.parts[part].Y, info.task)
    return np.bincount(codes, minlength=len(info.class_names))


def _inputs(subject: Subject) -> list[Note]:
    recipe, found = subject.recipe, []
    of_words = [column for column in recipe.inputs if column.words]
    if recipe.info.image_shape is None and len(of_words) < len(recipe.inputs):
        text = (
            "It knows numbers within the ranges below; outside them it goes on as it pleases, "
            "without a warning."
        )
        found.append(Note(False, Message(text)))
    if of_words:
        text = "A word that was never learned is taken as what stands for a gap in its column."
        found.append(Note(False, Message(text)))
    train = subject.parts.get("train")
    if train is not None and recipe.scaling is None:
        spreads = train.X.std(axis=0)
        spreads = spreads[spreads > 0]
        if spreads.size and spreads.max() > _UNLIKE * spreads.min():
            text = (
                "The features are not scaled, though the largest varies {ratio} times as much as "
                "the smallest: it may hardly see the small ones."
            )
            ratio = numbers.number(float(spreads.max() / spreads.min()), 2)
            found.append(Note(True, Message(text, ratio=ratio)))
    return found
