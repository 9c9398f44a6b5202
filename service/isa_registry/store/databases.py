"""Whole databases: making one, and bringing it up to date."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from isa_registry.store.migrate import migrate


async def fresh_database(maintenance_url: str, name: str) -> None:
    """Makes an empty database, in place of one of the same name. `name` is a plain lower-case identifier."""
    if not name.isidentifier() or not name.islower():
        raise ValueError("a database's name is a lower-case identifier")
    connection = await asyncpg.connect(maintenance_url, timeout=10)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def migrated(url: str, directory: Path) -> list[str]:
    """Brings a database up to date as its owner; returns the names of the migrations applied now."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return await migrate(connection, directory)
    finally:
        await connection.close()
