"""What the eye makes of handles and names."""

from __future__ import annotations

import pytest

from payments import looks


@pytest.mark.parametrize(
    ("handle", "known"),
    [
        ("annalopez", "anna1opez"),
        ("Paul_Iris", "PauI_lris"),
        ("bob0123", "bobO123"),
        ("le_bonpain", "lebonpain"),
        ("lea_petit", "lea__petit"),
        ("rnarie", "marie"),
        ("vvilliam", "william"),
        ("clavid", "david"),
        ("jea5", "jeas"),
        ("armandossantos", "armanddossantos"),
        ("lea_petit", "lea_petti"),
        ("lea_petit", "lea_petiz"),
        ("lea_petit", "lea_petits"),
        ("c1aire_rnartin", "claire_martin"),
        ("cIaire_martin", "claire_martin"),
        ("clаire_martin", "claire_martin"),  # A Cyrillic а, as a network with other letters might allow it.
    ],
)
def test_handles_are_taken_for_each_other(handle: str, known: str) -> None:
    assert looks.is_confusable(handle, known)
    assert looks.is_confusable(known, handle)


@pytest.mark.parametrize(
    ("handle", "known"),
    [
        ("lea_petit", "lea_petit"),
        ("lea_petit", "LEA_PETIT"),
        ("bob", "rob"),
        ("lea_petit", "leo_petiz"),
        ("lea_petit", "lea_grand"),
        ("claire", "armand"),
    ],
)
def test_handles_are_kept_apart(handle: str, known: str) -> None:
    assert not looks.is_confusable(handle, known)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Léa Petit", "Léa Petit"),
        ("lea petit", "Léa Petit"),
        ("Léa  Petit ✅", "Léa Petit"),
        ("Lеа Реtіt", "Lea Petit"),  # Cyrillic е, а, Р, і.
        ("𝗟𝗲𝗮 𝗣𝗲𝘁𝗶𝘁", "Lea Petit"),
        ("Lea Petlt", "Lea Petit"),
        ("Ｌｅａ Ｐｅｔｉｔ", "Lea Petit"),
    ],
)
def test_names_are_taken_for_each_other(name: str, known: str) -> None:
    assert looks.is_namesake(name, known)
    assert looks.is_namesake(known, name)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Léa Petit", "Léo Petit"),
        ("", ""),
        ("Bob", "Bob"),
        ("🎉🎉🎉🎉", "✅✅✅✅"),
        ("Claire", "Claire Martin"),
    ],
)
def test_names_are_kept_apart(name: str, known: str) -> None:
    """Names of three letters are everybody's; one letter apart is another name."""
    assert not looks.is_namesake(name, known)
