"""Records in DynamoDB: one item each, its space as partition and its key as sort key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from abax.adapters.aws.session import client

PAGE: Final = 100
"""Items that are asked for at a time: who looks whether there is any at all pays for no more."""


class DynamoRecords:
    """The RecordStore port on a DynamoDB table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def put(self, space: str, key: str, item: Mapping[str, Any], *, if_absent: bool = False) -> bool:
        """Keep an item; with ``if_absent`` only where the key is free."""
        dynamo = client("dynamodb")
        kept = {**_key(space, key), "item": {"S": json.dumps(item, ensure_ascii=False)}}
        condition: dict[str, Any] = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": "key"},
        }
        try:
            dynamo.put_item(TableName=self._table, Item=kept, **(condition if if_absent else {}))
        except dynamo.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, space: str, key: str) -> dict[str, Any] | None:
        """The item, or None."""
        answer = client("dynamodb").get_item(TableName=self._table, Key=_key(space, key), ConsistentRead=True)
        return _item(answer["Item"]) if "Item" in answer else None

    def items(self, space: str, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """Key and item of all whose key starts with ``prefix``, in order."""
        condition, names, values = "#space = :space", {"#space": "space"}, {":space": {"S": space}}
        if prefix:
            condition += " AND begins_with(#key, :prefix)"
            names["#key"], values[":prefix"] = "key", {"S": prefix}
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
                PaginationConfig={"PageSize": PAGE},
            )
        )
        for page in pages:
            for found in page["Items"]:
                yield found["key"]["S"], _item(found)

    def delete(self, space: str, key: str) -> None:
        """Forget the item, if it is there."""
        client("dynamodb").delete_item(TableName=self._table, Key=_key(space, key))


def _key(space: str, key: str) -> dict[str, dict[str, str]]:
    return {"space": {"S": space}, "key": {"S": key}}


def _item(found: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return dict(json.loads(found["item"]["S"]))
