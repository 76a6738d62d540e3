package directory

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// FuzzSearch decodes bytes as a client's message and runs what comes out: no panic, and no error but an outcome.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"3040020102633b040a64633d72696e676465780a01020a0100020100020100010100a3140404636e0000040c",
		// Snom's captured search with its padded sizeLimit.
		"306c0201026367041364633d6576656e7470686f6e652c64633d64650a01020a010002020032020100010100a11ba40c0402736e300680046d6a616da40b04016c300680046d6a616d30230402736e04016c040f74656c6570686f6e654e756d62657204096a70656750686f746f",
	} {
		b, err := hex.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	s := sessionOf(directoryOf(f, invented(f), nil))
	w := ldapserver.NewResultWriter(io.Discard, 1)
	f.Fuzz(func(t *testing.T, pdu []byte) {
		var d protocol.Decoder
		m, err := d.Decode(pdu)
		if err != nil || m == nil {
			return
		}
		ctx := context.Background()
		switch {
		case m.Search != nil:
			err = s.Search(ctx, m.Search, m.Controls, w)
			if flushed := w.Flush(); flushed != nil {
				t.Fatal(flushed)
			}
		case m.Compare != nil:
			_, err = s.Compare(ctx, m.Compare, m.Controls)
		case m.Extended != nil:
			_, _, err = s.Extended(ctx, m.Extended)
		}
		var pe *protocol.Error
		if err != nil && !errors.As(err, &pe) {
			t.Fatalf("an error of ours: %v", err)
		}
	})
}
