"""The sample shop is complete in both languages, and its invented visitors behave as their personas say."""

import csv
import dataclasses
from collections import Counter, defaultdict

import numpy as np
import pytest

from core.scenarios.recommendation import sample
from core.scenarios.recommendation.simulating import persona_id_of, simulate, tastes_of

TEXTS = ("title_en", "title_zh", "description_en", "description_zh")


def has_chinese(text):
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def simulated(seed=1, users=400):
    return simulate(sample.sample_products(), sample.sample_personas(), users=users, seed=seed)


@pytest.fixture(scope="module")
def products():
    return sample.sample_products()


@pytest.fixture(scope="module")
def personas():
    return sample.sample_personas()


@pytest.fixture(scope="module")
def events():
    return simulated(users=1000)


def test_there_are_at_least_200_products_in_at_least_12_categories(products):
    categories = Counter(product.category for product in products)

    assert len(products) >= 200
    assert len(categories) >= 12
    assert min(categories.values()) >= 10


def test_columns_are_the_documented_ones():
    with (sample.FOLDER / "products.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))

    assert header == ["item", "category", *TEXTS, "price_eur"]


def test_every_product_has_all_its_texts_in_both_languages(products):
    for product in products:
        texts = {name: getattr(product, name) for name in TEXTS}
        assert all(text and text == text.strip() for text in texts.values()), product.item
        for name, text in texts.items():
            assert has_chinese(text) == name.endswith("_zh"), (product.item, name)


def test_ids_titles_and_descriptions_are_unique_and_ids_are_slugs(products):
    for field in ("item", *TEXTS):
        assert max(Counter(getattr(product, field).casefold() for product in products).values()) == 1, field
    assert all(product.item.replace("-", "").isalnum() and product.item.islower() for product in products)


def test_prices_are_positive(products):
    assert all(product.price_eur > 0 for product in products)


def test_every_category_has_a_name_in_both_languages(products):
    for category in {product.category for product in products}:
        assert has_chinese(sample.category_title(category, "zh"))
        assert not has_chinese(sample.category_title(category, "en"))
    assert sample.category_title("a visitor's own", "zh") == "a visitor's own"


def test_personas_are_complete_and_speak_of_what_there_is(products, personas):
    categories = {product.category for product in products}
    ids = {persona.persona_id for persona in personas.personas}

    assert len(ids) == len(personas.personas) >= 12
    for persona in personas.personas:
        assert has_chinese(persona.title_zh)
        assert persona.title_en
        assert set(persona.categories) <= categories, persona.persona_id
        assert 0 <= persona.adventurous <= 1
        assert min(persona.share, persona.takes) > 0


def test_every_word_that_a_persona_likes_is_in_some_product(products, personas):
    for persona in personas.personas:
        for word in persona.words:
            only = dataclasses.replace(persona, categories={}, words={word: 1.0})
            assert tastes_of(only, products).any(), (persona.persona_id, word)


def test_follow_ups_are_about_products_that_there_are(products, personas):
    items = {product.item for product in products}

    assert all({each.after, each.item} <= items for each in personas.follow_ups)


def test_the_same_seed_gives_the_same_visitors_and_another_seed_others():
    assert simulated(seed=1) == simulated(seed=1)
    assert simulated(seed=1) != simulated(seed=2)


def test_no_visitor_takes_an_item_twice_and_days_grow(events):
    days = defaultdict(list)
    for event in events:
        days[event.user].append(event.day)

    assert len({(event.user, event.item) for event in events}) == len(events)
    assert len(days) == 1000
    assert all(all(np.diff(own) > 0) and own[0] >= 0 for own in days.values())


def test_favourite_categories_are_over_represented_in_what_each_persona_took(products, personas, events):
    category_of = {product.item: product.category for product in products}
    overall = Counter(category_of[event.item] for event in events)
    own = defaultdict(Counter)
    for event in events:
        own[persona_id_of(event.user)][category_of[event.item]] += 1

    for persona in personas.personas:
        taken = own[persona.persona_id]
        for category in persona.categories:
            share, usual = taken[category] / taken.total(), overall[category] / len(events)
            assert share > 1.1 * usual, (persona.persona_id, category)
        first = max(persona.categories, key=persona.categories.get)
        assert taken[first] / taken.total() > 2 * overall[first] / len(events), persona.persona_id


def test_follow_ups_are_taken_more_often_by_those_who_have_what_goes_before(personas, events):
    taken = defaultdict(list)
    for event in events:
        taken[event.user].append(event.item)
    expected, observed = 0.0, 0
    for each in personas.follow_ups:
        share = sum(each.item in own for own in taken.values()) / len(taken)
        owners = [own for own in taken.values() if each.after in own]
        expected += share * len(owners)
        observed += sum(each.item in own[own.index(each.after) :] for own in owners)

    assert observed > 2 * expected


def test_more_items_than_there_are_cannot_be_taken(products, personas):
    few = simulate(products[:2], personas, users=5, seed=1)

    assert len(few) == 10


def test_the_sample_interactions_are_in_the_order_of_the_products(products):
    interactions = sample.sample_interactions()

    assert interactions.items == tuple(product.item for product in products)
    assert len(interactions.users) == sample.USERS
    assert interactions.times is not None
    assert interactions.count == interactions.times.size
