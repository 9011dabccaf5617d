import inspect as signatures
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from tasks.detectors import DETECTORS, Detector, _by_name
from tasks.redaction import Redactor
from taxonomy.observation import Answer
from taxonomy.target import LAYERS, AnyTarget

MODULES = {name: signatures.getmodule(detector.collect) for name, detector in DETECTORS.items()}


def test_every_layer_has_exactly_one_detector() -> None:
    assert set(DETECTORS) == set(LAYERS)
    assert len(get_args(AnyTarget)) == len(LAYERS)


def test_two_detectors_of_one_name_are_refused() -> None:
    one = DETECTORS["inspec"]
    with pytest.raises(ValueError, match="two of the same name"):
        _by_name(one, one)


@pytest.mark.parametrize("name", LAYERS)
def test_a_detector_is_what_its_module_says(name: str) -> None:
    module: Any = MODULES[name]
    detector = DETECTORS[name]
    assert module.NAME == detector.name == name
    assert (module.collect, module.parse) == (detector.collect, detector.read)


@pytest.mark.parametrize("name", LAYERS)
def test_a_detector_says_what_it_can_not_see_and_where_its_format_stands(name: str) -> None:
    told = " ".join(str(getattr(MODULES[name], "__doc__", "")).lower().split())
    assert "can't be seen" in told
    assert "https://" in told


@pytest.mark.parametrize("name", LAYERS)
def test_every_parse_takes_a_redactor_and_what_the_registry_offers(name: str) -> None:
    detector = DETECTORS[name]
    asked = signatures.signature(detector.read).parameters
    wanted = {key for key, each in asked.items() if each.kind is each.KEYWORD_ONLY}
    assert wanted == {"redactor", *detector.wants}
    assert list(signatures.signature(detector.collect).parameters)[:2] == ["target", "reach"]


def test_a_detector_gets_only_what_it_wants() -> None:
    seen: dict[str, Any] = {}

    def read(raw: Any, target: Any, **given: Any) -> Answer:
        seen.update(given, raw=raw, target=target)
        return Answer()

    now = datetime(2026, 11, 23, tzinfo=UTC)
    redactor = Redactor(b"k" * 32)
    one = Detector(name="x", collect=DETECTORS["inspec"].collect, read=read, wants=("now",))
    one.parse("raw", "target", redactor=redactor, now=now, baseline="b")
    assert seen == {"raw": "raw", "target": "target", "redactor": redactor, "now": now}
