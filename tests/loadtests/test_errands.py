import pytest

from loadtests.errands import Errand, LoadFileError, chosen, errands_of


def look():
    """A task."""


def buy():
    """Another one."""


class Checkout:
    tasks = (buy,)


class Basket:
    tasks = (look, Checkout)


class Shopper:
    tasks = (look, look, Basket, buy)


class Clerk:
    tasks = (look,)


class Endless:
    tasks = (look,)


Endless.tasks = (look, Endless)


class Lost:
    tasks = (Endless,)


def names(weights):
    return {str(errand): weight for errand, weight in weights.items()}


def test_every_task_function_is_found_once_by_its_path():
    found = [str(errand) for errand in errands_of([Shopper, Clerk])]
    assert found == ["Shopper.look", "Shopper.Basket.look", "Shopper.Basket.Checkout.buy", "Shopper.buy", "Clerk.look"]


def test_a_task_set_that_holds_itself_is_walked_once():
    assert [str(errand) for errand in errands_of([Lost])] == ["Lost.Endless.look"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Shopper.look", "Shopper.look"),
        ("Basket.look", "Shopper.Basket.look"),
        ("Clerk.look", "Clerk.look"),
        ("Checkout.buy", "Shopper.Basket.Checkout.buy"),
        ("Basket.buy", "Shopper.Basket.Checkout.buy"),
        ("Shopper.buy", "Shopper.buy"),
    ],
)
def test_a_name_needs_as_much_of_the_path_as_makes_it_unambiguous(name, path):
    assert names(chosen([(name, 2.0)], [Shopper, Clerk])) == {path: 2.0}


def test_a_task_that_is_alone_needs_its_own_name_only():
    assert names(chosen([("look", 1.0)], [Clerk])) == {"Clerk.look": 1.0}


@pytest.mark.parametrize(
    ("mix", "words"),
    [
        ([("look", 1.0)], "3 tasks look (Shopper.look, Shopper.Basket.look, Clerk.look)"),
        ([("sell", 1.0)], "no task sell"),
        ([("Clerk.buy", 1.0)], "no task Clerk.buy"),
        ([("Basket", 1.0)], "no task Basket"),
        ([("Clerk.look", 1.0), ("Clerk.look", 1.0)], "Clerk.look more than once"),
    ],
)
def test_what_a_mix_may_not_say_is_told_with_the_tasks_there_are(mix, words):
    with pytest.raises(LoadFileError) as failure:
        chosen(mix, [Shopper, Clerk])
    assert words in str(failure.value)
    assert "its tasks are Shopper.look, " in str(failure.value)


def test_a_file_with_many_tasks_or_none_is_still_told_in_a_line():
    class Huge:
        tasks = tuple(type("Callable", (), {"__name__": f"task{number}"})() for number in range(200))

    with pytest.raises(LoadFileError) as failure:
        chosen([("x", 1.0)], [Huge])
    assert len(str(failure.value)) <= 450
    with pytest.raises(LoadFileError, match="its tasks are none"):
        chosen([("x", 1.0)], [])


def test_an_errand_without_a_task_is_whatever_the_user_would_do():
    assert (Errand(Clerk).kind, Errand(Clerk).task) == (Clerk, None)
