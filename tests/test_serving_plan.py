"""What a plan may say, and which group runs which model: without any Ray."""

from pathlib import Path

import pytest

from core.catalog import read_catalog
from core.wire import EXCHANGES
from serving.plan import Group, Plan, read_plan

SERVING = Path(__file__).parent.parent / "serving"
CATALOG = read_catalog()


@pytest.mark.parametrize("path", sorted(SERVING.glob("plan*.toml")), ids=lambda path: path.name)
def test_the_plans_that_come_along_run_every_model_of_the_catalogue(path):
    plan = read_plan(path)

    plan.check(CATALOG)
    assert all(plan.group_of(spec) for spec in CATALOG.specs)


def test_a_task_goes_to_its_own_group_and_the_rest_to_the_one_without():
    words, others = Group("words", "text-embedding"), Group("others")
    plan = Plan((others, words))

    assert plan.group_of(CATALOG.spec("minilm")) == words
    assert plan.group_of(CATALOG.spec("starter-writer")) == others
    assert Plan((words,)).group_of(CATALOG.spec("starter-writer")) is None
    assert (words.route, others.route) == ("/vitrine/text-embedding", "/vitrine")


@pytest.mark.parametrize(
    "options",
    [
        {"task": "no-such-task"},
        {"min_replicas": 2},
        {"min_replicas": -1},
        {"max_replicas": 0, "min_replicas": 0},
        {"max_models": 0},
    ],
)
def test_a_group_that_cannot_be_is_refused(options):
    with pytest.raises(ValueError, match="group broken"):
        Group("broken", **options)


def test_two_groups_for_the_same_are_refused(tmp_path):
    with pytest.raises(ValueError, match="same task"):
        Plan((Group("a", "translation"), Group("b", "translation")))
    with pytest.raises(ValueError, match="same task"):
        Plan((Group("a"), Group("b")))
    with pytest.raises(ValueError, match="same name"):
        Plan((Group("a", "translation"), Group("a")))


def test_a_key_that_is_not_known_is_refused(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('[[group]]\nname = "a"\nreplicas = 3\n')

    with pytest.raises(TypeError, match="replicas"):
        read_plan(path)


@pytest.mark.parametrize("model_id", ["no-such-model", "starter-writer"])
def test_a_warm_model_has_to_be_one_of_the_groups_own(model_id):
    plan = Plan((Group("words", "text-embedding", warm=(model_id,)), Group("others")))

    with pytest.raises(ValueError, match=model_id):
        plan.check(CATALOG)


def test_every_task_that_engines_exist_for_can_be_served():
    assert {spec.task for spec in CATALOG.specs} <= set(EXCHANGES)
