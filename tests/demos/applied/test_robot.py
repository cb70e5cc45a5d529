"""The arm of the robot, by its geometry: rotations of SciPy, and the Jacobian of cross products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
from scipy.spatial.transform import Rotation

from demos.applied.robot import HOME, LENGTHS, OFFSETS, SINES, SPEED, circle, follow, frames
from demos.cli import UnsuccessfulError
from engine import compile

ANGLES = np.random.default_rng(0).uniform(-np.pi, np.pi, (20, 6))


def geometric_jacobian(q: Any) -> tuple[Any, Any]:
    """The velocity and the angular velocity of the tool for each joint, which turns it around its own z axis."""
    found = frames(q)
    axes = found[:-1, :, 2]
    return np.cross(axes, found[-1, :, 3] - found[:-1, :, 3]).T, axes.T


def test_poses_are_those_of_rotations_by_scipy() -> None:
    for q in ANGLES:
        rotation, position = Rotation.identity(), np.zeros(3)
        for angle, a, d, sine in zip(q, LENGTHS, OFFSETS, SINES, strict=True):
            rotation *= Rotation.from_euler("z", angle)
            position = position + rotation.apply([a, 0, d])
            rotation *= Rotation.from_euler("x", np.pi / 2 * sine)
        assert frames(q)[-1] == pytest.approx(np.column_stack([rotation.as_matrix(), position]), abs=1e-14)


def test_the_jacobian_is_that_of_geometry() -> None:
    p = compile(lambda q: frames(q)[-1], at=[HOME])
    poses, jacobians = p(ANGLES), p.jacobian(ANGLES).reshape(len(ANGLES), 3, 4, 6)
    for q, pose, jacobian in zip(ANGLES, poses, jacobians, strict=True):
        velocity, angular = geometric_jacobian(q)
        assert jacobian[:, 3] == pytest.approx(velocity, abs=1e-14)
        for i in range(6):
            assert jacobian[:, :3, i] == pytest.approx(np.cross(angular[:, i], pose[:, :3], axisb=0).T, abs=1e-14)


@pytest.mark.parametrize("radius", [0.2, -0.05])
def test_the_tool_follows_the_circle_at_its_speed(radius: float) -> None:
    poses, velocities = circle(radius)
    ahead = np.diff(poses, axis=0)
    assert np.all(np.sum(ahead * velocities[:-1], axis=(1, 2)) > 0.99 * SPEED * np.linalg.norm(ahead, axis=(1, 2)))
    angles, speeds = follow(poses, velocities)
    for q, speed, pose, velocity in zip(angles, speeds, poses, velocities, strict=True):
        assert frames(q)[-1] == pytest.approx(pose, abs=1e-8)
        linear, angular = geometric_jacobian(q)
        assert linear @ speed == pytest.approx(velocity[:, 3], abs=1e-7)
        assert np.linalg.norm(velocity[:, 3]) == pytest.approx(SPEED)
        assert angular @ speed == pytest.approx(np.zeros(3), abs=1e-7)
    assert np.abs(np.diff(angles, axis=0)).max() < 0.2  # without a jump to another solution


def test_a_circle_out_of_reach_is_an_error() -> None:
    with pytest.raises(UnsuccessfulError, match=r"^The arm does not reach \(1.487, -0.109\): a smaller --radius$"):
        follow(*circle(1.0))
