"""The shapes that marketing tools take, after their public documentation; `schemas/` has each as a JSON schema.

A request sets values and adds none, so that one which is sent again changes nothing. Who leaves comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tessera.export.contacts import ALL, Audience, Contact
from tessera.export.requests import Request, batched

# What tools are told beside their own fields has this in front of its name.
OURS = "tessera_"
# Names of `attributes` in marketing_export, all of which are cleared of who is removed.
ATTRIBUTES = (
    "lifecycle_stage",
    "rfm_segment",
    "rfm_code",
    "total_orders",
    "total_revenue",
    "average_order_value",
    "first_order_on",
    "last_order_on",
    "predicted_value",
    "churn_risk",
)
Shape = Callable[[Audience, Iterable[Contact]], Iterator[Request]]


@dataclass(frozen=True)
class Tool:
    """A tool.

    Parameters
    ----------
    requests
        Makes its requests of an audience and contacts, those first who leave.
    destination
        The destination that it takes where none is named.
    channels
        Of destinations that it can be told.
    takes_members, takes_account
        Whether an id that it gave to a list, and an account, mean something to it.
    needs_members, needs_account
        What of the audience the tool must have given before: what the option is called, and what it is.
    """

    requests: Shape
    destination: str = "email"
    channels: tuple[str, ...] = ("email", "sms")
    takes_members: bool = False
    takes_account: bool = False
    needs_members: str = ""
    needs_account: str = ""

    @property
    def takes_hashes(self) -> bool:
        """Whether it is told hashes and nothing else of a person."""
        return "ads" in self.channels


def ours(contact: Contact) -> dict[str, Any]:
    """What Tessera knows of a contact, by the names that tools have for it; of who is removed nothing, explicitly."""
    values: dict[str, Any] = {"segments": contact.segments} if contact.move != "remove" else {"segments": None}
    values |= {name: contact.attributes.get(name) if contact.move != "remove" else None for name in ATTRIBUTES}
    return {OURS + name: value for name, value in values.items()}


def known(values: dict[str, Any]) -> dict[str, Any]:
    """Values that are not null."""
    return {name: value for name, value in values.items() if value is not None}


def klaviyo(audience: Audience, contacts: Iterable[Contact]) -> Iterator[Request]:
    """Bulk profile imports into the list of the segment, and unsubscriptions: 10,000 profiles, 100 and 5 MB a request."""
    list_id = audience.members
    pending: list[dict[str, Any]] = []
    staying: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []

    def profile(contact: Contact) -> dict[str, Any]:
        named = {"email": contact.email, "phone_number": contact.phone, "external_id": contact.customer_id}
        if contact.move == "remove":
            # the address alone: the person may be there under another one
            return {
                "type": "profile",
                "attributes": {**known({**named, "external_id": None}), "properties": ours(contact)},
            }
        place = known({name: contact.profile.get(name) for name in ("city", "country", "timezone")})
        names = {name: contact.profile.get(name) for name in ("first_name", "last_name", "locale")}
        return {
            "type": "profile",
            "attributes": {**known({**named, **names}), **({"location": place} if place else {}), "properties": ours(contact)},
        }

    def unsubscription(contact: Contact) -> dict[str, Any]:
        channel = "email" if contact.email else "sms"
        return {
            "type": "profile",
            "attributes": {
                **known({"email": contact.email, "phone_number": contact.phone}),
                "subscriptions": {channel: {"marketing": {"consent": "UNSUBSCRIBED"}}},
            },
        }

    def job(kind: str, profiles: list[Any], into: str = "") -> dict[str, Any]:
        data: dict[str, Any] = {"type": kind, "attributes": {"profiles": {"data": profiles}}}
        if into:
            data["relationships"] = {"lists": {"data": [{"type": "list", "id": into}]}}
        return {"data": data}

    for contact in contacts:
        if contact.move == "remove" and contact.is_refusal:
            refused.append(unsubscription(contact))
        (pending if contact.move == "upsert" else staying).append(profile(contact))
    for body in batched(refused, lambda some: job("profile-subscription-bulk-delete-job", some), 100, 5_000_000):
        yield Request("POST", "/api/profile-subscription-bulk-delete-jobs", body)
    for body in batched(staying, lambda some: job("profile-bulk-import-job", some), 10_000, 5_000_000):
        yield Request("POST", "/api/profile-bulk-import-jobs", body)
    if pending and not list_id and audience.segment_id != ALL:
        named = {"data": {"type": "list", "attributes": {"name": f"Segment: {audience.name}"}}}
        yield Request("POST", "/api/lists", named, {"list": "data.id"})
        list_id = "{list}"
    for body in batched(pending, lambda some: job("profile-bulk-import-job", some, list_id), 10_000, 5_000_000):
        yield Request("POST", "/api/profile-bulk-import-jobs", body)


def braze(audience: Audience, contacts: Iterable[Contact]) -> Iterator[Request]:
    """Attributes of users: 75 a request, 4 MB. A null takes an attribute away."""

    def attributes(contact: Contact) -> dict[str, Any]:
        if contact.move == "remove":
            named = known({"email": contact.email, "phone": contact.phone})
            refusal = {"email_subscribe" if contact.email else "sms_subscribe": "unsubscribed"} if contact.is_refusal else {}
            return {**named, "_update_existing_only": True, **refusal, **ours(contact)}
        place = {"home_city": contact.profile.get("city"), "time_zone": contact.profile.get("timezone")}
        names = {name: contact.profile.get(name) for name in ("first_name", "last_name")}
        named = {"external_id": contact.customer_id, "email": contact.email, "phone": contact.phone}
        return {**known({**named, **names, **place}), **ours(contact)}

    for body in batched(map(attributes, contacts), lambda some: {"attributes": some}, 75, 4_000_000):
        yield Request("POST", "/users/track", body)


def hubspot(audience: Audience, contacts: Iterable[Contact]) -> Iterator[Request]:
    """Contacts by e-mail address: 100 a request. A null is ignored there and an empty text clears a property."""

    def text(value: Any) -> str:
        if isinstance(value, list):
            # a property of several checkboxes; ; separates its values
            return ";".join(str(one).replace(";", ",") for one in value)
        return "" if value is None else str(value)

    def properties(contact: Contact) -> dict[str, Any]:
        names = {"firstname": "first_name", "lastname": "last_name", "city": "city", "country": "country"}
        told = {there: contact.profile.get(here) for there, here in names.items()} if contact.move != "remove" else {}
        values = {**known({**told, "phone": contact.phone}), **ours(contact)}
        return {"idProperty": "email", "id": contact.email, "properties": {name: text(value) for name, value in values.items()}}

    held = [[], []]  # type: list[list[dict[str, Any]]]
    for contact in contacts:
        if contact.email:
            held[contact.move != "remove"].append(properties(contact))
    for path, inputs in zip(("update", "upsert"), held, strict=True):
        # who is removed is not made where HubSpot does not have them
        for body in batched(inputs, lambda some: {"inputs": some}, 100, 3_000_000):
            yield Request("POST", f"/crm/v3/objects/contacts/batch/{path}", body)


def meta(audience: Audience, contacts: Iterable[Contact]) -> Iterator[Request]:
    """Users of a custom audience, by hashes of address and digits of the number: 10,000 a request."""
    held = [[], []]  # type: list[list[list[str]]]
    for contact in contacts:
        held[contact.move == "upsert"].append([contact.email_sha256 or "", contact.phone_digits_sha256 or ""])

    def payload(some: list[Any]) -> dict[str, Any]:
        return {"payload": {"schema": ["EMAIL", "PHONE"], "data": some}}

    audience_id = audience.members
    if held[1] and not audience_id:
        made = {
            "name": f"Segment: {audience.name}" if audience.segment_id != ALL else audience.name,
            "subtype": "CUSTOM",
            "customer_file_source": "USER_PROVIDED_ONLY",
        }
        yield Request("POST", f"/act_{audience.account}/customaudiences", made, {"list": "id"})
        audience_id = "{list}"
    if audience.members:
        # an audience that is made now has nobody who could leave it
        for body in batched(held[0], payload, 10_000, 10_000_000):
            yield Request("DELETE", f"/{audience_id}/users", body)
    for body in batched(held[1], payload, 10_000, 10_000_000):
        yield Request("POST", f"/{audience_id}/users", body)


def google(audience: Audience, contacts: Iterable[Contact]) -> Iterator[Request]:
    """Members of a Customer Match list by the Data Manager API: 10,000 a request, hashes in hexadecimal digits."""
    place = {
        "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": audience.account},
        "productDestinationId": audience.members,
    }

    def member(contact: Contact) -> dict[str, Any]:
        named = ({"emailAddress": contact.email_sha256}, {"phoneNumber": contact.phone_sha256})
        identifiers = [one for one in map(known, named) if one]
        consent = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
        given = {"consent": consent} if contact.move == "upsert" and contact.gdpr_consent else {}
        return {"userData": {"userIdentifiers": identifiers}, **given}

    def body_of(some: list[Any]) -> dict[str, Any]:
        return {"destinations": [place], "audienceMembers": some, "encoding": "HEX"}

    def accepted(some: list[Any]) -> dict[str, Any]:
        return {**body_of(some), "termsOfService": {"customerMatchTermsOfServiceStatus": "ACCEPTED"}}

    held = [[], []]  # type: list[list[dict[str, Any]]]
    for contact in contacts:
        held[contact.move == "upsert"].append(member(contact))
    for body in batched(held[0], body_of, 10_000, 10_000_000):
        yield Request("POST", "/v1/audienceMembers:remove", body)
    for body in batched(held[1], accepted, 10_000, 10_000_000):
        yield Request("POST", "/v1/audienceMembers:ingest", body)


_ALL_CHANNELS = ("email", "sms", "ads")
TOOLS = {
    "klaviyo": Tool(klaviyo, takes_members=True),
    "braze": Tool(braze),
    "hubspot": Tool(hubspot, channels=("email",)),
    "meta": Tool(
        meta,
        "ads",
        _ALL_CHANNELS,
        takes_members=True,
        takes_account=True,
        needs_account="--account, the number of the ad account",
    ),
    "google": Tool(
        google,
        "ads",
        _ALL_CHANNELS,
        takes_members=True,
        takes_account=True,
        needs_members="--list, the id of the Customer Match list",
        needs_account="--account, the number of the account that has it",
    ),
}
