package ber

import (
	"errors"
	"testing"
)

func TestFrameLength(t *testing.T) {
	t.Parallel()
	const max = 1000
	tests := []struct {
		name  string
		in    string
		total int
		need  bool
		err   error
	}{
		{"nothing yet", "", 0, true, nil},
		{"tag only", "\x30", 0, true, nil},
		{"short form", "\x30\x05", 7, false, nil},
		{"empty", "\x30\x00", 2, false, nil},
		{"one length octet", "\x30\x81\x80", 131, false, nil},
		{"length octets cut off", "\x30\x84\x00\x00\x00", 0, true, nil},
		{"Windows long form", "\x30\x84\x00\x00\x00\x05", 11, false, nil},
		{"one below the limit", "\x30\x82\x03\xe3", 999, false, nil},
		{"at the limit", "\x30\x82\x03\xe4", 1000, false, nil},
		{"one above the limit", "\x30\x82\x03\xe5", 0, false, ErrTooLarge},
		{"largest length", "\x30\x84\xff\xff\xff\xff", 0, false, ErrTooLarge},
		{"five length octets", "\x30\x85\x00\x00\x00\x00\x05", 0, false, ErrLength},
		{"eight length octets", "\x30\x88\x80\x00\x00\x00\x00\x00\x00\x00", 0, false, ErrLength},
		{"reserved length octet", "\x30\xff", 0, false, ErrLength},
		{"indefinite", "\x30\x80", 0, false, ErrIndefinite},
		{"HTTP", "GET / HTTP/1.1", 0, false, ErrTag},
		{"HTTP's first octet", "G", 0, false, ErrTag},
		{"TLS handshake", "\x16\x03\x01", 0, false, ErrTag},
		{"a SET", "\x31\x00", 0, false, ErrTag},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			total, need, err := FrameLength([]byte(tt.in), max)
			if total != tt.total || need != tt.need || err != tt.err {
				t.Errorf("got %d, %v, %v, want %d, %v, %v", total, need, err, tt.total, tt.need, tt.err)
			}
		})
	}
}

func TestIsMalformed(t *testing.T) {
	t.Parallel()
	for _, err := range []error{ErrTruncated, ErrIndefinite, ErrLength, ErrHighTag, ErrTooLarge} {
		if !IsMalformed(err) {
			t.Errorf("%v: got well formed", err)
		}
	}
	for _, err := range []error{nil, ErrTag, ErrDepth, ErrTrailing, ErrValue, ErrEmpty, errors.New("else")} {
		if IsMalformed(err) {
			t.Errorf("%v: got malformed", err)
		}
	}
}
