"""The page of recommendation through the shell, with embedders that have no weights."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx

from api.recommendation_schemas import RecommendRequest
from components import recommendation_lists, recommendation_public, recommendation_who
from components.recommendation_work import Work
from core import demos
from core.scenarios.recommendation.fits import SAMPLE_ID, shop
from core.scenarios.recommendation.recommending import Request, recommend
from core.scenarios.recommendation.sample import sample_dataset
from core.types import Progress

DEMO = demos.RECOMMENDATION
KEY = DEMO.key
SECTIONS = ("why", "what-if", "how-good", "map", "how-it-works", "use-it", "business", "export")
BARISTA = DEMO.examples[0].text.split()
RECOMMENDERS = ("hybrid", "ease", "content", "popularity")
OWN = b"user,item\n" + b"\n".join(
    f"u{user},i{item}".encode() for user in range(12) for item in range(8) if (user + item) % 3
)
OWN_ITEMS = b"item,title,category,image\n" + b"\n".join(
    f"i{item},Title {item},Kind {item % 2},http://example.com/{item}.jpg".encode() for item in range(8)
)


@pytest.fixture
def open_shop(open_page):
    return partial(open_page, DEMO.demo_id)


def words(app):
    """Everything that is said in running text on the page, without the escapes of Markdown."""
    elements = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(element.value for element in elements).replace("\\", "").replace("\u2060", "")


def titles(app, recommender):
    """The list of one recommender, as it is shown."""
    menus = [menu for menu in app.menu_button if menu.key.startswith(f"{KEY}_{recommender}_")]
    return [menu.label.replace("\\", "") for menu in menus]


def menu(app, recommender, place=0):
    return [each for each in app.menu_button if each.key.startswith(f"{KEY}_{recommender}_")][place]


def take_example(app, example="barista"):
    return app.button(key=f"{KEY}_example_{example}").click().run()


def like(app, *item_ids):
    return app.multiselect(key=f"{KEY}_liked").set_value(list(item_ids)).run()


def choose_section(app, section):
    return app.segmented_control(key=f"{KEY}_section").set_value(section).run()


def move(app, slider, value):
    return app.select_slider(key=f"{KEY}_{slider}").set_value(value).run()


def upload(app, interactions=OWN, items=OWN_ITEMS, name="own.csv"):
    if interactions is not None:
        app.file_uploader(key=f"{KEY}_interactions").set_value((name, interactions, "text/csv"))
    if items is not None:
        app.file_uploader(key=f"{KEY}_items").set_value(("items.csv", items, "text/csv"))
    return app.button(key=f"{KEY}_upload_use").click().run()


def finished(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def rows_with(app, column):
    """The rows of the table that has this column."""
    return next(table.value for table in app.dataframe if column in table.value).to_dict("records")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_opens_without_loading_a_model(open_shop, place, language):
    app = open_shop(language=language)

    assert not app.exception
    assert not app.error
    assert place.models.device is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_example_gives_four_lists_in_the_visitors_language(open_shop, language):
    app = take_example(open_shop(language=language))

    assert not app.exception
    assert not app.error
    known = set(sample_dataset().shown(language).titles)
    for recommender in RECOMMENDERS:
        assert len(titles(app, recommender)) == 10
        assert known.issuperset(titles(app, recommender))


@pytest.mark.parametrize("example", [example.example_id for example in DEMO.examples])
def test_every_example_is_one_click(open_shop, example):
    app = take_example(open_shop(), example)

    assert not app.exception
    assert not app.error
    assert len(titles(app, "hybrid")) == 10
    assert "simulated" in words(app)


def test_before_anything_is_picked_there_is_only_what_most_people_take(open_shop):
    app = open_shop()

    assert len(titles(app, "popularity")) == 10
    assert not titles(app, "hybrid")
    assert "Pick items that you like" in words(app)


def test_three_picks_are_enough_and_are_not_recommended_back(open_shop):
    app = like(open_shop(), "tent-two-person", "mat-sleeping-air", "torch-head")

    assert not app.exception
    assert app.multiselect(key=f"{KEY}_liked").value == ["tent-two-person", "mat-sleeping-air", "torch-head"]
    assert "Head torch" not in titles(app, "hybrid")
    assert titles(app, "hybrid") != titles(app, "popularity")


def test_the_lists_are_those_of_the_scenario(open_shop, place):
    app = take_example(open_shop())
    fits = shop(place.belongings, SAMPLE_ID)

    for recommender in RECOMMENDERS:
        request = Request(recommender=recommender, history=tuple(BARISTA))
        found = finished(recommend(place.models, fits, request))
        assert titles(app, recommender) == [fits.dataset.items.titles[pick.item] for pick in found.picks]


def test_a_list_that_equals_popularity_is_said_to(open_shop):
    app = take_example(open_shop())
    assert "Equal to popularity" not in words(app)
    for part, weight in (("popularity", "1.0"), ("content", "0.0"), ("ease", "0.0")):
        app = move(app, f"weight_{part}", weight)

    assert titles(app, "hybrid") == titles(app, "popularity")
    assert words(app).count("Equal to popularity") == 1


def test_weights_that_are_all_zero_refuse_the_hybrid_alone(open_shop):
    app = take_example(open_shop())
    for part in ("popularity", "content", "ease"):
        app = move(app, f"weight_{part}", "0.0")

    assert "at least one of them above 0" in app.error[0].value
    assert len(titles(app, "ease")) == 10
    assert not app.exception


def test_not_interested_takes_an_item_out_refills_the_list_and_can_be_undone(open_shop):
    app = take_example(open_shop())
    before = titles(app, "hybrid")
    app = menu(app, "hybrid").click("dismiss").run()

    assert before[0] not in titles(app, "hybrid")
    assert len(titles(app, "hybrid")) == 10
    undo = next(button for button in app.button if button.key.startswith(f"{KEY}_undo_"))
    assert undo.label.replace("\\", "") == before[0]
    app = undo.click().run()
    assert titles(app, "hybrid") == before
    assert not app.exception


def test_i_like_it_adds_to_the_history(open_shop):
    app = take_example(open_shop())
    first = titles(app, "hybrid")[0]
    app = menu(app, "hybrid").click("like").run()

    liked = app.multiselect(key=f"{KEY}_liked").value
    assert liked[:3] == BARISTA
    assert len(liked) == 4
    assert first not in titles(app, "hybrid")


@pytest.mark.parametrize("slider", ["diversity", "novelty"])
def test_a_slider_moves_the_lists_and_the_link(open_shop, slider):
    app = take_example(open_shop())
    before = titles(app, "hybrid")
    app = move(app, slider, "0.8")

    assert not app.exception
    assert titles(app, "hybrid") != before
    assert app.query_params[f"{KEY}_{slider}"] == "0.8"


def test_another_collaborative_recommender_takes_the_place_of_ease(open_shop):
    app = take_example(open_shop())
    for name in ("item-knn", "als"):
        app = app.segmented_control(key=f"{KEY}_collaborative").set_value(name).run()
        assert not app.exception
        assert not titles(app, "ease")
        assert len(titles(app, name)) == 10


def test_the_reasons_sum_to_the_score_of_every_list(open_shop):
    app = choose_section(take_example(open_shop()), "why")
    app = move(app, "diversity", "0.4")
    for recommender in RECOMMENDERS:
        app = app.segmented_control(key=f"{KEY}_recommender").set_value(recommender).run()
        app = app.selectbox(key=f"{KEY}_why_item").select_index(3).run()

        assert not app.exception
        *terms, total = [float(row["adds"]) for row in rows_with(app, "adds")]
        said = next(line for line in words(app).splitlines() if "The terms add up" in line)
        assert sum(terms) == pytest.approx(total, abs=1e-4)
        assert f"{total:.5f}. The score is {total:.5f}" in said


def test_why_in_the_menu_opens_a_window_and_the_section(open_shop):
    app = open_shop(**{f"{KEY}_section": "business"})
    app = menu(take_example(app), "ease", 2).click("why").run()

    assert not app.exception
    assert app.segmented_control(key=f"{KEY}_section").value == "why"
    assert app.segmented_control(key=f"{KEY}_recommender").value == "ease"
    assert words(app).count("is number 3 of EASE") == 2
    app.run()
    assert words(app).count("is number 3 of EASE") == 1


def test_what_if_says_what_really_leaves(open_shop, place):
    app = choose_section(take_example(open_shop()), "what-if")
    fits = shop(place.belongings, SAMPLE_ID)
    request = Request(history=tuple(BARISTA[1:]), excluded=(BARISTA[0],))
    kept = {pick.item for pick in finished(recommend(place.models, fits, request)).picks}
    whole = finished(recommend(place.models, fits, Request(history=tuple(BARISTA)))).picks
    leaving = sorted(fits.dataset.items.titles[pick.item] for pick in whole if pick.item not in kept)

    table = app.table[0].value.replace({r"\\": ""}, regex=True)
    row = table[table["Without"] == fits.dataset.items.titles[fits.dataset.number(BARISTA[0])]].iloc[0]
    assert row["Leave the list"] == len(leaving)
    assert all(title in row["Which"] for title in leaving)


def measure(app):
    app = choose_section(app, "how-good")
    return app.button(key=f"{KEY}_measure").click().run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_held_out_figures_stand_beside_the_baseline_and_follow_the_sliders(open_shop, language):
    app = measure(open_shop(language=language))
    before = rows_with(app, "ndcg")
    app = move(app, "diversity", "0.9")
    after = rows_with(app, "ndcg")

    assert not app.exception
    assert len(before) == 4
    assert all("±" in row["ndcg"] for row in before)
    assert [row["ndcg"] for row in before] != [row["ndcg"] for row in after]
    assert float(before[0]["diversity"][:5]) < float(after[0]["diversity"][:5])
    chart = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert chart["layer"]


def test_the_last_item_can_be_hidden_instead(open_shop):
    app = measure(open_shop(**{f"{KEY}_split": "leave-last-out"}))

    assert app.segmented_control(key=f"{KEY}_split").value == "leave-last-out"
    assert len(rows_with(app, "ndcg")) == 4
    assert not app.exception


def test_data_without_times_cannot_hide_the_last_item(open_shop):
    app = measure(upload(open_shop(**{f"{KEY}_split": "leave-last-out"})))

    assert "time" in app.error[0].value
    assert not app.exception


def test_items_without_texts_are_measured_without_the_content_recommender(open_shop):
    app = like(upload(open_shop(), items=None), "i1")
    assert "their texts cannot be compared" in app.error[0].value
    assert words(app).count("fake-en") == 0
    app = measure(app)

    assert [row["recommender"] for row in rows_with(app, "ndcg")] == ["Hybrid", "EASE", "Popularity"]
    assert not app.exception


@pytest.mark.parametrize("language", ["en", "zh"])
def test_own_files_make_an_own_shop_and_the_sample_comes_back(open_shop, place, language):
    app = upload(open_shop(language=language))

    assert not app.exception
    assert not app.error
    assert "own.csv" in words(app)
    assert set(titles(app, "popularity")) <= {f"Title {item}" for item in range(8)}
    app = like(app, "i1", "i2")
    assert len(titles(app, "hybrid")) == 6
    dataset_id = app.session_state[f"{KEY}_dataset_id"]
    app = app.button(key=f"{KEY}_use_sample").click().run()
    assert len(titles(app, "popularity")) == 10
    with pytest.raises(Exception, match="Nothing is kept"):
        shop(place.belongings, dataset_id)


def test_own_files_need_no_list_of_items(open_shop):
    app = upload(open_shop(), items=None)

    assert not app.error
    assert set(titles(app, "popularity")) <= {f"i{item}" for item in range(8)}


@pytest.mark.parametrize(
    "content", [b"", b"user,item\n", b"a,b\n1,2\n", b"user,item\n1\n", b"\x00\x01\x02", b"PK\x03\x04zip"]
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(open_shop, content):
    app = upload(open_shop(), content, None)

    assert app.error
    assert not app.exception
    assert len(titles(app, "popularity")) == 10
    # The refusal is said once, and the page goes on.
    assert not app.run().error


def test_a_file_is_read_in_turn_with_those_of_others(open_shop, place, monkeypatch):
    asked = []

    class Turns:
        def acquire(self, timeout):
            asked.append(timeout)
            return len(asked) > 3  # Others read during the first three looks.

        def release(self):
            asked.append("back")

    monkeypatch.setattr(place.limits, "reading", Turns())
    app = upload(open_shop())

    assert "own.csv" in words(app)
    assert not app.exception
    assert asked.count("back") == len(asked) - asked.count("back") - 3


def test_without_a_file_the_form_says_so(open_shop):
    app = upload(open_shop(), None, None)

    assert "Choose a file first." in words(app)
    assert not app.exception


def test_expired_data_are_said_and_the_sample_takes_over(open_shop, place):
    app = like(upload(open_shop()), "i1")
    place.belongings.drop(app.session_state[f"{KEY}_dataset_id"])
    app.run()

    assert "have expired after 24 hours" in words(app)
    assert len(titles(app, "popularity")) == 10
    assert not app.exception
    assert "have expired" not in words(app.run())


def test_two_sessions_know_nothing_of_each_other(open_shop):
    first, second = upload(open_shop()), open_shop()
    first, second = like(first, "i1"), like(second, *BARISTA)

    assert set(titles(first, "popularity")) <= {f"Title {item}" for item in range(8)}
    assert len(titles(second, "hybrid")) == 10
    assert "own.csv" not in words(second)


def test_picks_in_the_sample_are_there_again_after_own_data(open_shop):
    app = upload(take_example(open_shop()))
    assert app.multiselect(key=f"{KEY}_liked").value == []
    app = app.button(key=f"{KEY}_use_sample").click().run()

    assert app.multiselect(key=f"{KEY}_liked").value == BARISTA


def test_the_history_of_a_simulated_visitor_is_taken_and_said(open_shop):
    app = open_shop()
    app = app.segmented_control(key=f"{KEY}_mode").set_value("user").run()
    app = app.selectbox(key=f"{KEY}_user").set_value("guitarist-0142").run()

    assert not app.exception
    assert "Took 12:" in words(app)
    assert len(titles(app, "hybrid")) == 10
    assert "Classical guitar" not in titles(app, "hybrid")


def test_a_visitor_whom_the_data_do_not_know_is_refused_with_a_sentence(open_shop, monkeypatch):
    monkeypatch.setattr(recommendation_who, "MAX_OPTIONS", 5)
    app = open_shop(**{f"{KEY}_mode": "user"})
    # As it is after somebody has typed it; the test's own select box takes only what it offers.
    app.session_state[f"{KEY}_visits"][SAMPLE_ID].user = "nobody"
    app.run()

    assert "nobody" in app.error[0].value
    assert not app.exception
    assert not app.run().error


def test_a_visitor_with_more_items_than_a_list_is_made_for_is_refused_with_a_sentence(open_shop, monkeypatch):
    monkeypatch.setattr("core.scenarios.recommendation.dataset.MAX_USER_HISTORY", 5)
    app = open_shop(**{f"{KEY}_mode": "user"})
    app = app.selectbox(key=f"{KEY}_user").set_value("guitarist-0142").run()

    assert "This user has 12 items; 5 are the most" in app.error[0].value
    assert not app.exception
    assert not app.run().error
    assert app.selectbox(key=f"{KEY}_user").value is None


def test_hostile_titles_are_shown_as_they_are_written(open_shop):
    hostile = [
        "<img src=x onerror=alert(1)>",
        "[a](http://evil.example) :smile: **b** $x$",
        "=1+1|`c`\t~~d~~",
    ]
    rows = [f'i{place},"{title}","{title}","{title}"' for place, title in enumerate(hostile)]
    items = "\n".join(["item,title,description,category", *rows]).encode()
    app = like(upload(open_shop(), items=items, name="<b>own</b>.csv"), "i0", "i3")

    for section in SECTIONS:
        app = choose_section(app, section)
        assert not app.exception
        assert not app.error
        said = [each.value for each in (*app.markdown, *app.caption)] + [
            menu.label for menu in app.menu_button
        ]
        text = "\n".join([*said, *(str(table.value.to_dict()) for table in app.table)])
        assert not re.search(r"(?<!\\)(<img|<b>|\]\(http|:smile|\*\*b|\$x|~~d)", text)
    assert {"=1+1|`c` ~~d~~"} < {title.replace("\u2060", "") for title in titles(app, "hybrid")}


def test_a_score_of_nearly_nothing_has_no_minus(open_shop, monkeypatch):
    def tiny(models, fits, request):
        found = yield from recommend(models, fits, request)
        return replace(found, picks=tuple(replace(pick, score=-1e-9) for pick in found.picks))

    monkeypatch.setattr(recommendation_lists, "recommend", tiny)
    app = take_example(open_shop())

    assert "0.00" in words(app)
    assert "-0.0" not in words(app)


def test_items_of_a_large_shop_are_looked_for(open_shop, monkeypatch):
    monkeypatch.setattr(recommendation_who, "MAX_OPTIONS", 5)
    app = open_shop()
    app = app.text_input(key=f"{KEY}_look_for").set_value("GUITAR").run()

    assert app.multiselect(key=f"{KEY}_liked").options == ["Classical guitar", "Nylon guitar strings"]
    app = like(app, "guitar-classical")
    app = app.text_input(key=f"{KEY}_look_for").set_value("nothing like it").run()
    assert app.multiselect(key=f"{KEY}_liked").value == ["guitar-classical"]
    assert not app.exception


def test_another_language_keeps_what_was_picked(open_shop):
    app = take_example(open_shop())
    app = menu(app, "hybrid").click("dismiss").run()
    app = app.segmented_control(key="shell_language").set_value("zh").run()

    assert not app.exception
    assert app.multiselect(key=f"{KEY}_liked").value == BARISTA
    assert set(titles(app, "hybrid")) <= set(sample_dataset().items_zh.titles)
    assert len([button for button in app.button if button.key.startswith(f"{KEY}_undo_")]) == 1


def test_a_deep_link_gives_the_settings_back_and_nonsense_does_nothing(open_shop):
    query = {"diversity": "0.3", "novelty": "9", "k": "5", "collaborative": "als", "recommender": "content"}
    app = open_shop(**{f"{KEY}_{name}": value for name, value in query.items()})
    app = take_example(app)

    assert not app.exception
    assert app.select_slider(key=f"{KEY}_diversity").value == "0.3"
    assert app.select_slider(key=f"{KEY}_novelty").value == "0.0"
    assert len(titles(app, "als")) == 5
    assert app.segmented_control(key=f"{KEY}_recommender").value == "content"


def test_no_item_and_no_id_of_own_data_stands_in_the_link(open_shop):
    app = move(like(upload(open_shop()), "i1", "i2"), "diversity", "0.5")
    app = menu(app, "hybrid").click("why").run()

    in_link = json.dumps(dict(app.query_params))
    assert app.session_state[f"{KEY}_dataset_id"] not in in_link
    assert "i1" not in in_link
    assert "own" not in in_link


def test_a_click_while_it_works_loses_nothing(open_shop, monkeypatch):
    begun = []

    def interrupted(models, fits, request):
        begun.append(request.recommender)
        yield Progress(1, 2, "items")
        return (yield from recommend(models, fits, request))

    def clicked(*args):
        monkeypatch.setattr(recommendation_lists.Lists, "equals_popularity", lambda lists, name: False)
        raise RerunException(RerunData(page_script_hash=get_script_run_ctx().page_script_hash))

    monkeypatch.setattr(recommendation_lists, "recommend", interrupted)
    monkeypatch.setattr(recommendation_lists.Lists, "equals_popularity", clicked)
    app = take_example(open_shop())

    assert not app.exception
    assert all(len(titles(app, recommender)) == 10 for recommender in RECOMMENDERS)
    assert sorted(begun[-4:]) == sorted(RECOMMENDERS)
    assert len(begun) <= 5


def test_stopped_work_says_so_and_can_begin_again(open_shop):
    app = take_example(open_shop())
    work = app.session_state[f"{KEY}_lists_work"]
    work.is_done, work.is_stopped = False, True
    app.run()
    assert "Stopped before it was finished." in words(app)
    app = app.button(key=f"{KEY}_lists_again").click().run()

    assert "Stopped" not in words(app)
    assert len(titles(app, "hybrid")) == 10
    assert not app.exception


def test_stop_waits_for_the_step_that_the_run_before_is_in():
    entered, may_go_on = threading.Event(), threading.Event()

    def steps():
        entered.set()
        may_go_on.wait()
        yield Progress(1, 2, "items")
        raise AssertionError("a step after the stop")

    work = Work("asked", steps())
    with ThreadPoolExecutor(2) as threads:
        step = threads.submit(work.advance)
        entered.wait()
        stop = threads.submit(work.stop)
        may_go_on.set()
        stop.result(10)

    assert step.result() == Progress(1, 2, "items")
    assert work.is_stopped
    assert work.advance() is None


def test_what_one_recommender_refuses_does_not_stop_the_others(open_shop, monkeypatch):
    monkeypatch.setattr("core.scenarios.recommendation.ease.MAX_MB", 0)
    app = take_example(open_shop(**{f"{KEY}_collaborative": "ease"}))

    assert "too many for EASE" in app.error[0].value
    assert all(len(titles(app, recommender)) == 10 for recommender in ("hybrid", "content", "popularity"))
    assert not app.exception


def test_a_shop_too_large_for_ease_begins_with_als(open_shop, monkeypatch):
    monkeypatch.setattr("core.scenarios.recommendation.ease.MAX_MB", 0)
    app = take_example(open_shop())

    assert not app.error
    assert len(titles(app, "als")) == 10
    assert app.select_slider(key=f"{KEY}_weight_als").value == "0.6"


def test_the_browser_is_told_the_values_of_the_popover_at_every_run(open_shop):
    app = take_example(open_shop()).run()

    # A popover is drawn anew when it opens; without this its sliders would begin at their first choice.
    assert app.select_slider(key=f"{KEY}_weight_ease").proto.set_value
    assert app.select_slider(key=f"{KEY}_k").proto.set_value


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_opens_before_and_after_a_pick(open_shop, language):
    app = open_shop(language=language)
    for section in SECTIONS:
        assert not choose_section(app, section).exception

    app = take_example(app)
    for section in SECTIONS:
        assert not choose_section(app, section).exception


def test_the_map_says_by_what_the_items_are_placed(open_shop):
    app = choose_section(take_example(open_shop()), "map")
    assert "placed by what its text says" in words(app)
    app = choose_section(like(upload(app, items=None), "i1"), "map")

    assert "placed by who took it" in words(app)
    assert "text says" not in words(app)


def test_the_map_marks_what_is_liked_and_the_taste(open_shop):
    app = choose_section(take_example(open_shop()), "map")
    (chart,) = app.get("plotly_chart")
    names = [trace.get("name") for trace in json.loads(chart.proto.spec)["data"]]

    assert not app.exception
    assert {"Coffee and tea", "In the list", "Liked", "Your taste"} <= set(names)


def test_the_call_to_copy_has_the_current_input(open_shop):
    app = choose_section(move(take_example(open_shop()), "novelty", "0.2"), "use-it")
    call = app.code[0].value

    assert "/api/recommendation/recommend" in call
    assert '"novelty": 0.2' in call
    assert all(f'"{item_id}"' in call for item_id in BARISTA)
    assert "dataset" not in call
    body = json.loads(call.split("-d '")[1].rstrip("'"))
    assert RecommendRequest.model_validate(body).novelty == 0.2
    compile(app.code[1].value, "example", "exec")


def test_the_call_to_copy_leaves_out_what_was_dismissed(open_shop):
    app = menu(take_example(open_shop(), "visitor"), "hybrid").click("dismiss").run()
    call = choose_section(app, "use-it").code[0].value
    body = RecommendRequest.model_validate(json.loads(call.split("-d '")[1].rstrip("'")))

    assert body.user == "guitarist-0142"
    assert len(body.exclude) == 1
    assert not body.history


def test_without_a_language_model_the_others_still_recommend(open_shop, place):
    place.models.choice._is_there = lambda spec: False
    app = take_example(open_shop())

    assert not app.exception
    assert app.error
    assert len(titles(app, "ease")) == 10
    assert not titles(app, "content")


def test_the_call_to_copy_names_the_own_data_and_how_to_bring_them(open_shop):
    app = choose_section(like(upload(open_shop(), name="it's mine.csv"), "i1"), "use-it")

    assert "/api/recommendation/datasets" in app.code[0].value
    assert app.session_state[f"{KEY}_dataset_id"] in app.code[1].value


def test_a_thumb_is_stored_without_the_items_of_own_data(open_shop, place):
    app = like(upload(open_shop()), "i1")
    thumb = next(each for each in app.feedback if each.key.startswith(f"{KEY}_feedback_"))
    thumb.set_value(1).run()

    (row,) = place.store.feedback()
    assert (row.demo, row.rating, row.model_id) == (DEMO.demo_id, 1, "hybrid")
    assert "i1" not in f"{row.question}{row.answer}"


def test_titles_that_look_like_markup_stay_text(open_shop):
    items = b"item,title,category\n" + b"\n".join(
        f"i{item},![x](http:) :red[a{item}] <b>,$b$".encode() for item in range(8)
    )
    app = like(upload(open_shop(), items=items, name=":red[own].csv"), "i1")
    for section in ("why", "what-if", "map"):
        app = choose_section(app, section)
        assert not app.exception
    shown = "".join(element.value for element in (*app.markdown, *app.caption))
    shown += "".join(each.label for each in app.menu_button)
    assert "![x]" not in shown
    assert ":red[" not in shown


def test_the_business_view_multiplies_the_assumptions(open_shop):
    app = choose_section(open_shop(), "business")
    app = app.number_input(key=f"{KEY}_margin").set_value(20.0).run()

    assert app.metric[0].value == "10,000"


def test_figures_of_public_data_are_shown_where_they_were_measured(open_shop, tmp_path, monkeypatch):
    results = tmp_path / "recommendation.json"
    monkeypatch.setattr(recommendation_public, "RESULTS", results)
    app = choose_section(open_shop(), "how-good")
    assert "public data" not in words(app)
    means = {"ease": 0.4, "ease_reference": 0.39, "ease_default": 0.38, "item_knn_implicit": 0.3}
    shop_rows = {"ease, as on the page": {"hit_at_10": 0.36}, "co-purchase cosine": {"hit_at_10": 0.325}}
    measured = {"date": "2026-01-02", "films": {"mean": means}, "shop": {"rows": shop_rows}}
    results.write_text(json.dumps(measured | {"rows": []}))
    app.run()

    assert "measured on 2026-01-02" in words(app)
    assert [(row["recommender"], row["figure"]) for row in rows_with(app, "figure")] == [
        ("EASE", "0.400"),
        ("EASE, another implementation", "0.390"),
        ("EASE, as on this page", "0.380"),
        ("Item-kNN, another implementation", "0.300"),
        ("EASE, as on this page", "0.360"),
        ("co-purchase cosine", "0.325"),
    ]
    results.write_text(json.dumps({"films": {"passed": False, "failed_with": 1}}))
    assert not app.run().exception


@pytest.mark.parametrize(
    ("interactions", "items"),
    [
        (b"user,item\nu,i\n", None),
        (b"user,item\nu,i\nu,j\n", b"item,title\ni,Same\nj,Same\n"),
        (b"user,item,timestamp\n" + b"".join(b"u%d,i%d,5\n" % (n, n) for n in range(30)), None),
        ("user,item\nu,😀\nv,😀\nu,مرحبا\n".encode(), "item,title\n😀,".encode() + b"x" * 5000 + b"\n"),
    ],
)
def test_odd_shops_open_every_section(open_shop, interactions, items):
    app = upload(open_shop(), interactions, items)
    assert not app.exception
    app = app.multiselect(key=f"{KEY}_liked").set_value(
        [app.session_state[f"{KEY}_lists"].fits.dataset.items.ids[0]]
    )
    app = app.run()
    for section in SECTIONS:
        app = choose_section(app, section)
        assert not app.exception
    app = measure(app)
    assert not app.exception
