-- schema 17: when each meter was heard last is read from an index alone.
DROP INDEX raw_telegram_by_device;
CREATE INDEX raw_telegram_by_device ON raw_telegram (device_no, received_ms, key_no);
