package protocol

// EntryEncoder appends SearchResultEntry messages (RFC 4511, 4.5.2) piece by piece and patches the lengths in afterwards. The order of
// calls: BeginEntry, then for each attribute BeginAttribute, AppendValue…, EndAttribute (or one AppendAttribute, or one
// AppendEncoded), then EndEntry or CancelEntry. The zero value is ready; it is reused for any number of entries, not concurrently.
type EntryEncoder struct {
	buf []byte
}

// BeginEntry starts an entry behind dst, which belongs to the encoder until EndEntry or CancelEntry.
func (e *EntryEncoder) BeginEntry(dst []byte, id int32, dn []byte) {}

// BeginAttribute starts an attribute; name as it is to be shown, options included.
func (e *EntryEncoder) BeginAttribute(name string) {}

// AppendValue adds a value to the attribute begun.
func (e *EntryEncoder) AppendValue(v []byte) {}

// AppendValueString adds a value to the attribute begun.
func (e *EntryEncoder) AppendValueString(v string) {}

// EndAttribute ends the attribute begun; without values it is what typesOnly asks for (RFC 4511, 4.5.1.6).
func (e *EntryEncoder) EndAttribute() {}

// CancelAttribute takes the attribute begun back.
func (e *EntryEncoder) CancelAttribute() {}

// AppendAttribute adds a whole attribute of one value.
func (e *EntryEncoder) AppendAttribute(name string, value []byte) {}

// AppendEncoded adds attributes that are encoded already, as AppendPartialAttribute does it.
func (e *EntryEncoder) AppendEncoded(attributes []byte) {}

// Attributes is the number of attributes ended so far.
func (e *EntryEncoder) Attributes() int { return 0 }

// Len is the length of the buffer so far, dst included.
func (e *EntryEncoder) Len() int { return len(e.buf) }

// EndEntry completes the message and gives the buffer back.
func (e *EntryEncoder) EndEntry(controls []Control) []byte { return e.buf }

// CancelEntry gives dst back as it was.
func (e *EntryEncoder) CancelEntry() []byte { return e.buf }

// AppendPartialAttribute appends an encoded PartialAttribute, to be stored and answered by EntryEncoder.AppendEncoded.
func AppendPartialAttribute(dst []byte, name string, values ...[]byte) []byte { return dst }
