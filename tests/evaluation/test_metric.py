"""A metric knows which way it is better, and nothing that was not measured ever wins."""

import math

import pytest

from veml_lab.evaluation.metric import ACCURACY, MAE, MAP50, MAPE, PARAMETERS, SECONDS, Metric, metric_named

NAN = float("nan")


@pytest.mark.parametrize(("metric", "values", "best"), [
    (ACCURACY, [0.2, 0.9, 0.5], 0.9), (MAE, [0.2, 0.9, 0.5], 0.2), (MAE, [NAN, 3.0, None], 3.0),
    (ACCURACY, [NAN, 0.1, None], 0.1), (MAP50, [None, NAN], None), (MAE, [], None), (MAE, [math.inf, NAN], math.inf),
    (ACCURACY, [-1.0, -2.0], -1.0),
])  # fmt: skip
def test_the_best_follows_the_direction_and_skips_what_was_not_measured(metric, values, best):
    assert metric.best(values) == best


def test_of_equals_the_first_wins_and_keeps_its_place_in_the_order():
    runs = [("a", 2.0), ("b", NAN), ("c", 1.0), ("d", 1.0), ("e", None)]
    assert MAE.best_of(runs, lambda r: r[1]) == ("c", 1.0)
    assert [n for n, _ in MAE.ordered(runs, lambda r: r[1])] == ["c", "d", "a", "b", "e"]
    assert [n for n, _ in ACCURACY.ordered(runs, lambda r: r[1])] == ["a", "c", "d", "b", "e"]


def test_better_is_strict_and_a_number_beats_none():
    assert MAE.better(1.0, 2.0) and not MAE.better(2.0, 1.0) and not MAE.better(1.0, 1.0)
    assert ACCURACY.better(2.0, 1.0) and not ACCURACY.better(1.0, 2.0)
    assert MAE.better(1e9, None) and MAE.better(1e9, NAN) and not MAE.better(None, 1e9) and not MAE.better(NAN, None)


def test_a_gain_is_above_nought_when_it_got_better_whatever_the_direction():
    assert MAE.gain(3.0, 2.0) == 1.0 and ACCURACY.gain(0.25, 0.75) == 0.5 and ACCURACY.gain(0.75, 0.25) == -0.5
    assert MAE.gain(None, 2.0) is None and MAE.gain(2.0, NAN) is None and MAE.gain(NAN, 2.0) is None


@pytest.mark.parametrize(("metric", "value", "text"), [
    (ACCURACY, 0.98765, "0.988"), (MAE, 2.31449, "2.314"), (MAE, 0.000123456, "0.0001235"), (MAE, 0.0, "0.000"),
    (MAE, 1234567.0, "1.235e+06"), (MAPE, 0.000123456, "0.000"), (SECONDS, 1.5, "1.500 s"),
    (PARAMETERS, 11_177_000.0, "11,177,000"), (MAE, None, "-"), (ACCURACY, NAN, "-"),
])  # fmt: skip
def test_a_value_is_written_in_its_unit(metric, value, text):
    assert metric.format(value) == text


def test_a_difference_shows_its_sign():
    assert ACCURACY.format(0.25, signed=True) == "+0.250" and MAE.format(-0.25, signed=True) == "-0.250"
    assert PARAMETERS.format(1200.0, signed=True) == "+1,200" and MAE.format(0.00025, signed=True) == "+0.00025"


@pytest.mark.parametrize(("name", "direction"), [
    ("accuracy", "higher"), ("mAP50", "higher"), ("MAE", "lower"), ("MAE_3", "lower"), ("MAPE_12", "lower"),
    ("validation_loss", "lower"), ("seconds", "lower"), ("val/rmse", "lower"), ("eval_loss", "lower"),
    ("mean_squared_error", "lower"), ("valLoss", "lower"), ("glossary_f1", "higher"), ("f1", "higher"),
    ("AP_50", "higher"), ("latency_ms", "lower"),
])  # fmt: skip
def test_a_name_says_its_direction(name, direction):
    assert metric_named(name).direction == direction and metric_named(name).name == name


def test_what_is_declared_beats_what_the_words_say():
    assert metric_named("loss_of_nothing", "higher") == Metric("loss_of_nothing", "higher")
    assert metric_named("surprise", "lower").better(1.0, 2.0)


def test_a_metric_at_a_step_keeps_its_unit():
    assert metric_named("MAE_3") == MAE.at(3) and not MAE.at(3).comparable and ACCURACY.comparable and MAPE.comparable
