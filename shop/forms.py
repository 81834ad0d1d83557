"""What buyers and sellers type, checked before the domain is asked."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.fields import PostcodeField
from payments import money
from payments.forms import AmountField, FigureField, RefundForm
from payments.pictures import NotAPicture, Picture, TooLarge, TooLong
from shop import pictures
from shop.addresses import Address
from shop.models import Product, Variant
from shop.models.products import CODE, LARGEST_PICTURE, MOST_PIECES
from shop.products import Facts

_CODE = RegexValidator(
    rf"(?=.*[0-9]){CODE}\Z",
    _("A letter, then letters and digits, at least one digit, 3 to 16 in all: such as TSHIRT42."),
)
_COUNT = re.compile("-?[0-9]{1,7}")
_MOST_AT_ONCE = 100_000
_SECONDS = "%Y-%m-%dT%H:%M"
_YEARS = range(2000, 2100)


class CodeField(forms.CharField):
    """A product's code, however its letters are written."""

    default_validators = [_CODE]

    def to_python(self, value: object) -> str:
        return (super().to_python(value) or "").upper()


class CountField(forms.IntegerField):
    """How many, in plain digits: Python reads others as well."""

    def to_python(self, value: object) -> int | None:
        text = str(value or "").strip()
        if text and not _COUNT.fullmatch(text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


class FeeField(FigureField):
    """Nothing is no fee."""

    def clean(self, value: object) -> int:
        text = str(value or "").strip()
        return super().clean(text) if text else 0


class MomentField(forms.DateTimeField):
    """A day and an hour in Paris, picked by the browser's own means.

    Of this century: the first and the last years that there are cannot be read back, or not shown in Paris.
    """

    def __init__(self, **kwargs: Any) -> None:
        box = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_SECONDS)
        super().__init__(required=False, widget=box, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment and moment.year not in _YEARS:
            raise forms.ValidationError(_("Choose a day between 2000 and 2099."))
        return moment


class FactsForm(forms.Form):
    """What a seller says of a product."""

    title = forms.CharField(label=_("Title"), max_length=80)
    description = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP, 1 MB at most. It is on the card that X shows of your link."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    price = AmountField(label=_("Price of one piece"), max_length=20)
    is_shipped = forms.BooleanField(label=_("Sent by post: buyers say where to"), required=False)
    shipping_fee = FeeField(label=_("Shipping, for one purchase"), max_length=20, required=False)
    most_per_buyer = CountField(
        label=_("Pieces for one buyer at most"), min_value=1, max_value=1000, initial=10
    )
    opens_at = MomentField(label=_("On sale from"), help_text=_("Empty: at once."))
    closes_at = MomentField(label=_("On sale until"), help_text=_("Empty: as long as there are pieces."))

    def clean_picture(self) -> Picture | None:
        file = self.cleaned_data["picture"]
        try:
            return pictures.read(file.read(LARGEST_PICTURE + 1)) if file else None
        except NotAPicture as problem:
            raise forms.ValidationError(_("This is no JPEG, PNG or WebP picture.")) from problem
        except TooLong as problem:
            raise forms.ValidationError(_("A side of this picture is longer than 4096 pixels.")) from problem
        except TooLarge as problem:
            raise forms.ValidationError(_("This picture is larger than 1 MB.")) from problem

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        opens, closes = said.get("opens_at"), said.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("It has to end after it begins."))
        return said

    @property
    def facts(self) -> Facts:
        names = Facts.__dataclass_fields__
        return Facts(**{name: said for name, said in self.cleaned_data.items() if name in names})


class NewProductForm(FactsForm):
    """A new product, with its code and its first variant."""

    code = CodeField(
        label=_("Code"),
        max_length=16,
        help_text=_("What people write in a post to buy it. It cannot be changed later."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    variant = forms.CharField(
        label=_("First variant"),
        max_length=40,
        required=False,
        help_text=_("A size or a colour. Empty if there is only one sort."),
    )
    pieces = CountField(label=_("Pieces of it"), min_value=0, max_value=_MOST_AT_ONCE)

    field_order = ["title", "code", "description", "picture", "price", "variant", "pieces"]


class VariantForm(forms.Form):
    """Another size or colour."""

    name = forms.CharField(label=_("Variant"), max_length=40)
    pieces = CountField(label=_("Pieces of it"), min_value=0, max_value=_MOST_AT_ONCE)


class StockForm(forms.Form):
    """Pieces that came, or went with a minus."""

    change = CountField(min_value=-MOST_PIECES, max_value=_MOST_AT_ONCE)


class BuyForm(forms.Form):
    """Which variant, how many, and where to."""

    variant = forms.ModelChoiceField(label=_("Variant"), queryset=Variant.objects.none(), empty_label=None)
    quantity = CountField(label=_("Pieces"), min_value=1, max_value=_MOST_AT_ONCE, initial=1)
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["variant"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = (
            Variant.objects.filter(product=product)
            .select_related("product__organisation__account")
            .defer("product__picture")
        )

    @property
    def address(self) -> Address | None:
        return None

    @property
    def is_saved(self) -> bool:
        return False


class ShippedForm(BuyForm):
    """The same, and where it is sent."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    street = forms.CharField(
        label=_("Number and street"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    more = forms.CharField(
        label=_("Building, floor, c/o"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    postcode = PostcodeField()
    city = forms.CharField(
        label=_("Town"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    saves = forms.BooleanField(label=_("Keep this address for the next time"), required=False)

    @property
    def address(self) -> Address | None:
        return Address(**{name: self.cleaned_data[name] for name in Address.__dataclass_fields__})

    @property
    def is_saved(self) -> bool:
        return bool(self.cleaned_data["saves"])


class DispatchForm(forms.Form):
    """The parcel's number, or whatever leads its buyer to it."""

    tracking = forms.CharField(label=_("Tracking, if there is any"), max_length=120, required=False)


class GiveBackForm(RefundForm):
    """A refund by its seller."""

    restocks = forms.BooleanField(
        label=_("All of it goes back, and the pieces can be sold again"), required=False
    )


def said_of(product: Product) -> dict[str, object]:
    """What `FactsForm` shows of a product that is there."""
    names = (name for name in FactsForm.base_fields if name != "picture")
    said: dict[str, object] = {name: getattr(product, name) for name in names}
    return said | {"price": _figure(product.price), "shipping_fee": _figure(product.shipping_fee)}


def _figure(cents: int) -> str:
    return money.write(cents, get_language() or "fr").strip("€")
