package ber

// AppendHeader appends tag and the minimal form of length.
func AppendHeader(dst []byte, tag Tag, length int) []byte { return dst }

// AppendBytes appends an element with the content v.
func AppendBytes(dst []byte, tag Tag, v []byte) []byte { return dst }

// AppendString appends an element with the content v.
func AppendString(dst []byte, tag Tag, v string) []byte { return dst }

// AppendInt appends v in the fewest octets.
func AppendInt(dst []byte, tag Tag, v int64) []byte { return dst }

// AppendBool appends v; TRUE is FF (RFC 4511, 5.1).
func AppendBool(dst []byte, tag Tag, v bool) []byte { return dst }

// Begin opens an element whose length is not known yet. mark belongs to End.
func Begin(dst []byte, tag Tag) (out []byte, mark int) { return dst, 0 }

// End closes the element that Begin opened at mark: it writes the length, moving the content where that needs more than one octet.
func End(dst []byte, mark int) []byte { return dst }
