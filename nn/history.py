"""What training recorded, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(repr=False)
class History:
    """The course of a training.

    Attributes:
        losses: The mean loss of each epoch over its samples, each taken before the update of its batch.
        metrics: For each metric its mean over the training samples after each epoch.
        validation_losses: The mean loss over the validation samples after each epoch.
        validation_metrics: For each metric its mean over the validation samples after each epoch.
        interrupted: Whether Ctrl-C ended the training.
    """

    losses: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    validation_losses: list[float] = field(default_factory=list)
    validation_metrics: dict[str, list[float]] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def epochs(self) -> int:
        """The number of epochs that were finished."""
        return len(self.losses)

    def latest(self) -> dict[str, float]:
        """The last number of everything recorded, under names such as "loss" and "validation accuracy"."""
        return {name: numbers[-1] for name, numbers in self.series().items() if numbers}

    def series(self) -> dict[str, list[float]]:
        """Everything recorded, under names such as "loss" and "validation accuracy"."""
        validation = {"validation loss": self.validation_losses} if self.validation_losses else {}
        of_metrics = {f"validation {name}": numbers for name, numbers in self.validation_metrics.items()}
        return {"loss": self.losses, **validation, **self.metrics, **of_metrics}

    def __repr__(self) -> str:
        numbers = "".join(f", {name} {number:.4g}" for name, number in self.latest().items())
        return f"<History of {self.epochs} epochs{numbers}{', interrupted' if self.interrupted else ''}>"
