"""The hosted page and the bank's page: what a cardholder may type, and where it leads."""

from __future__ import annotations

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import stripe

from tests.sandbox import cardholder as cards
from tests.sandbox.cardholder import HOME, Cardholder

FRENCH = {"Accept-Language": "fr"}


class TestRegister:
    def test_keeps_of_the_card_what_is_needed(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.FRENCH)
        assert method.customer == cardholder.customer
        assert method.card is not None
        kept = method.card
        assert (kept.brand, kept.last4, kept.country, kept.funding) == ("visa", "0003", "FR", "debit")
        assert (kept.exp_month, kept.exp_year) == (12, 2039)

    def test_same_number_has_the_same_fingerprint(
        self, cardholder: Cardholder, neighbour: Cardholder
    ) -> None:
        one, same, other = (
            cardholder.register(cards.FRENCH),
            neighbour.register(cards.FRENCH),
            neighbour.register(cards.MASTERCARD),
        )
        assert one.card
        assert same.card
        assert other.card
        assert one.id != same.id
        assert one.card.fingerprint == same.card.fingerprint != other.card.fingerprint

    def test_foreign_card_is_said_to_be_foreign(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.FOREIGN)
        assert method.card
        assert method.card.country == "US"

    def test_leads_back_with_the_visit(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit()
        assert visit.url
        there = cardholder.type(visit.url, cards.FRENCH)
        back = cardholder.outside.get(there.headers["Location"], allow_redirects=False)
        assert back.headers["Location"] == f"{HOME}?visit={visit.id}"

    def test_setup_and_visit_are_told(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit()
        assert visit.url
        assert isinstance(visit.setup_intent, stripe.SetupIntent)
        cardholder.type(visit.url, cards.FRENCH)
        listener = cardholder.outside.listener
        listener.event("setup_intent.succeeded", visit.setup_intent.id)
        (told,) = listener.event("checkout.session.completed", visit.id)
        assert told.event.data.object["status"] == "complete"
        assert told.event.livemode is False

    def test_card_may_be_removed(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.FRENCH)
        assert cardholder.client.v1.payment_methods.detach(method.id).customer is None
        with pytest.raises(stripe.InvalidRequestError, match="must be attached"):
            cardholder.pay(method)
        with pytest.raises(stripe.InvalidRequestError, match="not attached"):
            cardholder.client.v1.payment_methods.detach(method.id)


class TestTyping:
    @pytest.mark.parametrize(
        ("entry", "said"),
        [
            ({"number": "4000002500000004"}, "Ce numéro n’est pas valide"),
            ({"number": "40000025"}, "Le numéro est incomplet"),
            ({"number": "4000 0025 0000 000a"}, "Ce numéro n’est pas valide"),
            ({"number": "４000002500000003"}, "Ce numéro n’est pas valide"),
            ({"expiry": "01 / 20"}, "Cette carte a expiré"),
            ({"expiry": "13 / 39"}, "Écrivez le mois et l’année"),
            ({"cvc": "12"}, "3 chiffres au dos"),
            ({"holder": ""}, "Ce champ est nécessaire"),
        ],
    )
    def test_says_what_is_wrong(self, cardholder: Cardholder, entry: dict[str, str], said: str) -> None:
        visit = cardholder.visit()
        assert visit.url
        page = cardholder.type(visit.url, **{"number": cards.FRENCH} | entry)
        assert page.status_code == 200
        assert said in page.text
        assert cardholder.retrieve(visit).status == "open"

    @pytest.mark.parametrize(
        "number", ["4000 0025 0000 0003", "4000-0025-0000-0003", "4000\u00a00025\u00a00000\u00a00003"]
    )
    def test_takes_a_number_in_groups(self, cardholder: Cardholder, number: str) -> None:
        visit = cardholder.visit()
        assert visit.url
        cardholder.type(visit.url, number, expiry="3/2039")
        assert cardholder.retrieve(visit).status == "complete"

    @pytest.mark.parametrize(
        ("number", "said"),
        [(cards.REFUSED, "a refusé cette carte"), ("4111111111111111", "Seules les cartes de test")],
    )
    def test_refused_card_may_be_replaced(self, cardholder: Cardholder, number: str, said: str) -> None:
        visit = cardholder.visit()
        assert visit.url
        page = cardholder.type(visit.url, number)
        assert (page.status_code, said in page.text) == (402, True)
        setup = cardholder.retrieve(visit, expand=["setup_intent"]).setup_intent
        assert isinstance(setup, stripe.SetupIntent)
        assert setup.status == "requires_payment_method"
        assert setup.last_setup_error
        assert setup.last_setup_error.code == "card_declined"
        cardholder.type(visit.url, cards.FRENCH)
        assert cardholder.retrieve(visit).status == "complete"

    def test_speaks_the_language_of_the_visit(self, cardholder: Cardholder) -> None:
        english = cardholder.visit(locale="en").url
        assert english
        assert "Register the card" in cardholder.outside.get(urlsplit(english).path, headers=FRENCH).text

    def test_never_shows_a_number_again(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment")
        assert visit.url
        cardholder.type(visit.url, cards.LACKS_FUNDS)
        for path in ("/processor/", f"/c/pay/{visit.id}"):
            page = cardholder.outside.get(path).text
            assert f'value="{cards.LACKS_FUNDS}"' not in page


class TestPay:
    def test_pays_and_leads_back(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment", payment_intent_data={"metadata": {"funding": "f-1"}})
        assert (visit.amount_total, visit.payment_status, visit.payment_intent) == (2000, "unpaid", None)
        assert visit.url
        assert "20,00" in cardholder.outside.get(urlsplit(visit.url).path).text
        cardholder.type(visit.url, cards.FRENCH)
        done = cardholder.retrieve(visit, expand=["payment_intent"])
        assert isinstance(done.payment_intent, stripe.PaymentIntent)
        assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
        assert (done.payment_intent.status, done.payment_intent.amount_received) == ("succeeded", 2000)
        assert done.payment_intent.metadata.to_dict() == {"funding": "f-1"}

    def test_second_submission_pays_nothing(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment")
        assert visit.url
        cardholder.type(visit.url, cards.FRENCH)
        assert cardholder.type(visit.url, cards.MASTERCARD).status_code == 302
        assert len(cardholder.payments()) == 1

    def test_declined_card_may_be_replaced_in_the_same_payment(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment")
        assert visit.url
        page = cardholder.type(visit.url, cards.LACKS_FUNDS)
        assert (page.status_code, "Provision insuffisante" in page.text) == (402, True)
        cardholder.type(visit.url, cards.FRENCH)
        (payment,) = cardholder.payments()
        assert payment.status == "succeeded"

    def test_slow_bank_is_waited_for(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment")
        assert visit.url
        cardholder.type(visit.url, cards.SLOW)
        assert "Votre banque répond" in cardholder.outside.get(f"/c/pay/{visit.id}", headers=FRENCH).text
        cardholder.outside.listener.event("checkout.session.completed", visit.id)
        assert cardholder.retrieve(visit).payment_status == "paid"

    def test_expired_visit_takes_no_card(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment")
        assert visit.url
        assert cardholder.client.v1.checkout.sessions.expire(visit.id).status == "expired"
        assert cardholder.type(visit.url, cards.FRENCH).status_code == 410
        assert cardholder.payments() == []
        cardholder.outside.listener.event("checkout.session.expired", visit.id)
        with pytest.raises(stripe.InvalidRequestError, match="open"):
            cardholder.client.v1.checkout.sessions.expire(visit.id)

    def test_late_yes_to_an_expired_visit_charges_nobody(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit("payment")
        assert visit.url
        bank = urljoin(visit.url, cardholder.type(visit.url, cards.ASKS).headers["Location"])
        cardholder.client.v1.checkout.sessions.expire(visit.id)
        cardholder.answer(bank, "approve")
        assert [payment.status for payment in cardholder.payments()] == ["canceled"]


class TestBank:
    def test_asks_before_a_card_is_registered(self, cardholder: Cardholder) -> None:
        visit = cardholder.visit()
        assert visit.url
        bank = urljoin(visit.url, cardholder.type(visit.url, cards.ASKS).headers["Location"])
        assert cardholder.retrieve(visit).status == "open"
        back = cardholder.answer(bank, "refuse").headers["Location"]
        assert "Vous n’avez pas donné votre accord" in cardholder.outside.get(back, headers=FRENCH).text
        assert cardholder.retrieve(visit).status == "open"

    @pytest.mark.parametrize(
        ("answer", "redirect_status", "status", "kind"),
        [
            ("approve", "succeeded", "succeeded", "payment_intent.succeeded"),
            ("refuse", "failed", "requires_payment_method", "payment_intent.payment_failed"),
        ],
    )
    def test_answer_decides(
        self, cardholder: Cardholder, answer: str, redirect_status: str, status: str, kind: str
    ) -> None:
        payment = cardholder.pay(
            cardholder.register(cards.ASKS), off_session=False, return_url=f"{HOME}?order=1"
        )
        assert payment.status == "requires_action"
        assert payment.next_action
        assert payment.next_action.redirect_to_url
        bank = payment.next_action.redirect_to_url.url
        assert bank
        shown = cardholder.outside.get(urlsplit(bank).path, headers=FRENCH).text
        assert "Autoriser 20,00\u00a0€ à S-Money" in shown
        back = urlsplit(cardholder.answer(bank, answer).headers["Location"])
        said = parse_qs(back.query)
        assert (said["order"], said["payment_intent"]) == (["1"], [payment.id])
        assert said["redirect_status"] == [redirect_status]
        assert cardholder.client.v1.payment_intents.retrieve(payment.id).status == status
        cardholder.outside.listener.event("payment_intent.requires_action", payment.id)
        cardholder.outside.listener.event(kind, payment.id)

    def test_second_answer_changes_nothing(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.ASKS), off_session=False, return_url=HOME)
        assert payment.next_action
        assert payment.next_action.redirect_to_url
        assert payment.next_action.redirect_to_url.url
        cardholder.answer(payment.next_action.redirect_to_url.url, "approve")
        back = cardholder.answer(payment.next_action.redirect_to_url.url, "refuse").headers["Location"]
        assert "redirect_status=succeeded" in back
        assert cardholder.client.v1.payment_intents.retrieve(payment.id).status == "succeeded"

    def test_unknown_question_is_not_found(self, cardholder: Cardholder) -> None:
        assert cardholder.outside.get("/authenticate/nothing").status_code == 404
