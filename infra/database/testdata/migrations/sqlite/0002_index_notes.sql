-- Notes are looked up by their text.
CREATE INDEX notes_text ON notes (text);
INSERT INTO notes (id) VALUES (1);
