package directory

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Costs of a new hash (RFC 9106, 4: the second recommended option, with less memory, since a small server verifies
// several binds at once). Hashes with other costs up to the bounds are accepted.
const (
	hashTime    = 3
	hashMemory  = 32 << 10 // KiB
	hashThreads = 1
	hashSalt    = 16
	hashLength  = 32

	maxHashTime   = 16
	maxHashMemory = 256 << 10 // KiB

	costsForm = "m=%d,t=%d,p=%d"
)

// ErrHash is a password hash that cannot be read.
var ErrHash = errors.New("directory: unreadable password hash")

// passwordHash is a parsed argon2id hash in PHC form.
type passwordHash struct {
	time, memory uint32
	threads      uint8
	salt, sum    []byte
}

// HashPassword returns the argon2id hash of a password, in PHC form, with a random salt.
func HashPassword(password string) (string, error) {
	salt := make([]byte, hashSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	sum := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, hashLength)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$"+costsForm+"$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// VerifyPassword says whether a password has the hash. It takes tens of milliseconds and the hash's memory.
func VerifyPassword(hash, password string) (bool, error) {
	h, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	return h.matches([]byte(password)), nil
}

// parseHash refuses costs above the bounds: a hash is configuration, but a mistyped one must not stop the server.
func parseHash(s string) (*passwordHash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return nil, fmt.Errorf("%w: it is not an argon2id hash in PHC form", ErrHash)
	}
	var h passwordHash
	if parts[2] != fmt.Sprint("v=", argon2.Version) {
		return nil, fmt.Errorf("%w: version %q", ErrHash, parts[2])
	}
	// What Sscanf leaves over is told by writing the costs again.
	if n, err := fmt.Sscanf(parts[3], costsForm, &h.memory, &h.time, &h.threads); n != 3 || err != nil || fmt.Sprintf(costsForm, h.memory, h.time, h.threads) != parts[3] {
		return nil, fmt.Errorf("%w: costs %q", ErrHash, parts[3])
	}
	// RFC 9106, 3.1: a lane has 8 KiB at least.
	if h.time < 1 || h.time > maxHashTime || h.memory < 8*uint32(h.threads) || h.memory > maxHashMemory || h.threads < 1 {
		return nil, fmt.Errorf("%w: costs %q are out of bounds (t up to %d, m up to %d)", ErrHash, parts[3], maxHashTime, maxHashMemory)
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return nil, fmt.Errorf("%w: salt", ErrHash)
	}
	if h.sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(h.sum) < 16 || len(h.sum) > 64 {
		return nil, fmt.Errorf("%w: sum", ErrHash)
	}
	return &h, nil
}

// costsAs says whether both take the same time and memory.
func (h *passwordHash) costsAs(o *passwordHash) bool {
	return h.time == o.time && h.memory == o.memory && h.threads == o.threads
}

// dummy is a hash of these costs that no password has.
func (h *passwordHash) dummy() *passwordHash {
	return &passwordHash{time: h.time, memory: h.memory, threads: h.threads, salt: make([]byte, hashSalt), sum: make([]byte, hashLength)}
}

func (h *passwordHash) matches(password []byte) bool {
	sum := argon2.IDKey(password, h.salt, h.time, h.memory, h.threads, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1
}
