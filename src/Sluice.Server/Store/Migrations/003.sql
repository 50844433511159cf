-- Named blocks and variables.
CREATE TABLE block_type (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    logo_url TEXT,
    documentation_url TEXT,
    description TEXT,
    code_example TEXT
) STRICT;

CREATE TABLE block_schema (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    block_type_id BLOB NOT NULL REFERENCES block_type (id) ON DELETE CASCADE,
    checksum TEXT NOT NULL,
    fields TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (checksum, version)
) STRICT;
CREATE INDEX block_schema_type ON block_schema (block_type_id);

CREATE TABLE block_document (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    block_type_id BLOB NOT NULL REFERENCES block_type (id) ON DELETE CASCADE,
    block_schema_id BLOB NOT NULL REFERENCES block_schema (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    data BLOB NOT NULL, -- encrypted with the key of encryption.key
    is_anonymous INTEGER NOT NULL,
    UNIQUE (block_type_id, name)
) STRICT;
CREATE INDEX block_document_schema ON block_document (block_schema_id);

CREATE TABLE variable (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    tags TEXT NOT NULL
) STRICT;
