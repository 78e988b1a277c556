"""What tools are told of somebody who is about to be forgotten: afterwards nothing is there that could tell them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tessera.export.contacts import Contact
from tessera.export.files import ExportError, write_jsonl, write_requests
from tessera.export.requests import Request
from tessera.warehouse import Marts

_NAMES = (
    "destination_id",
    "contact_key",
    "customer_id",
    "email",
    "phone",
    "email_sha256",
    "phone_sha256",
    "phone_digits_sha256",
)
# Whom the operation forget_customer would find, and under which addresses a destination knows or knew them; one that knows
# hashes alone is told no id.
_ROWS = """
    select destination_id, contact_key, email, phone, email_sha256, phone_sha256, phone_digits_sha256,
        case when email is not null or phone is not null then customer_id end as customer_id
    from {marts}.marketing_export
    where store_id = $1 and customer_id in (
        select customer_id from {steps}.customer_identities
        where store_id = $1
            and (customer_id = $2 or identifier = $2 or (identifier_type = 'customer' and identifier_value = $2))
    )"""


def deletions(contact: Contact) -> Iterator[tuple[str, Request]]:
    """Tools that delete a person by an address or an id of ours, each with its request."""
    if contact.email or contact.phone:
        named: dict[str, str | None] = {"email": contact.email} if contact.email else {"phone_number": contact.phone}
        profile = {"data": {"type": "profile", "attributes": named}}
        job = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}}
        yield "klaviyo", Request("POST", "/api/data-privacy-deletion-jobs", job)
        yield "braze", Request("POST", "/users/delete", {"external_ids": [contact.customer_id]})
    if contact.email:
        gone = {"idProperty": "email", "objectId": contact.email}
        yield "hubspot", Request("POST", "/crm/v3/objects/contacts/gdpr-delete", gone)


def write_removals(marts: Marts, store: str, person: str, folder: Path, dry_run: bool = False) -> list[Path]:
    """Write, for each destination that has or had a person, their addresses there, and requests that delete them.

    Parameters
    ----------
    marts
        Open.
    store, person
        Whom, as for `tessera forget`.
    folder
        Is made: one that is there may hold the requests of others who are forgotten by now.
    dry_run
        Write nothing.

    Returns
    -------
    list of Path
        The files, or those that would be written; none where no destination ever had the person.

    Raises
    ------
    ExportError
        If they cannot be written, or the folder is there.
    WarehouseError
        If the marts are not there.
    """
    kind, _, value = person.partition(":")
    spelled = f"{kind}:{value.strip().lower()}" if kind == "email" else person
    found = marts.ask(_ROWS, pa.schema([(name, pa.string()) for name in _NAMES]), store, spelled)
    contacts: dict[str, list[Contact]] = {}
    requests: dict[tuple[str, str], list[Request]] = {}
    for row in sorted(found.to_pylist(), key=lambda row: (row["destination_id"], row["contact_key"])):
        destination = row.pop("destination_id")
        contact = Contact(move="remove", reason="forgotten", **row)
        contacts.setdefault(destination, []).append(contact)
        for tool, request in deletions(contact):
            known = requests.setdefault((destination, tool), [])
            known += [request] if request not in known else []
    if contacts and (folder.exists() or folder.is_symlink()):
        raise ExportError(
            f"'{folder}' is there and may hold the requests of others who are forgotten by now: name a new folder (--removals)"
        )
    paths = [folder / f"{destination}.jsonl" for destination in contacts]
    paths += [folder / f"{destination}.{tool}.jsonl" for destination, tool in requests]
    if contacts and not dry_run:
        try:
            folder.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise ExportError(f"Cannot make the folder '{folder}': {error.strerror}") from error
        for destination, gone in contacts.items():
            write_jsonl(folder / f"{destination}.jsonl", gone)
        for (destination, tool), asked in requests.items():
            write_requests(folder / f"{destination}.{tool}.jsonl", asked)
    return paths
