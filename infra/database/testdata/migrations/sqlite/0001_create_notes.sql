-- The first table; the text has what generators stumble over: ";", [brackets], "quotes", \backslashes and ${braces}.
CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL DEFAULT ';[a] "b" \n ${c}');
