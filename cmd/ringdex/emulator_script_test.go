package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// manage URL PATH JSON posts to the emulator's management endpoint.
func manage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: manage URL PATH JSON")
	}
	ts.Check(postManagement(args[0]+"/_emulator/"+args[1], []byte(args[2])))
}

func postManagement(address string, body []byte) error {
	resp, err := http.Post(address, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		return &usageError{what: string(text)}
	}
	return err
}

// rsakey FILE URL makes a private key, and gives the emulator's app the public one.
func rsaKey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: rsakey FILE URL")
	}
	ts.Check(newAppKey(ts.MkAbs(args[0]), args[1]))
}

func newAppKey(path, org string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(filepath.Clean(path), private, 0o600); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"public_key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))})
	if err != nil {
		return err
	}
	return postManagement(org+"/_emulator/oauth", body)
}
