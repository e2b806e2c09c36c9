-- Versioned rules of income: profit templates and rates. Rows are never changed, a new version is a new row.

CREATE TABLE profit_templates (
    id         uuid PRIMARY KEY,
    code       text NOT NULL,
    version    integer NOT NULL CHECK (version >= 1),
    rule       jsonb NOT NULL,
    starts_on  date,
    ends_on    date,
    created_by uuid REFERENCES operators,
    created_at timestamptz NOT NULL,
    UNIQUE (code, version),
    CHECK (starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on)
);

CREATE TABLE settlement_rates (
    version         integer PRIMARY KEY CHECK (version >= 1),
    father          numeric(9, 6) NOT NULL CHECK (father >= 0 AND father <= 1),
    grand_father    numeric(9, 6) NOT NULL CHECK (grand_father >= 0 AND grand_father <= 1),
    father_ad       numeric(9, 6) NOT NULL CHECK (father_ad >= 0 AND father_ad <= 1),
    grand_father_ad numeric(9, 6) NOT NULL CHECK (grand_father_ad >= 0 AND grand_father_ad <= 1),
    created_by      uuid REFERENCES operators,
    created_at      timestamptz NOT NULL
);
