package soap_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ringdex/soap"
)

// TestOAuthEcho asks a token endpoint that repeats what it was sent in every place that an error might be made of: no
// secret of any flow comes back in an error.
func TestOAuthEcho(t *testing.T) {
	t.Parallel()
	private, _ := testKey()
	replies := map[string]func(w http.ResponseWriter, form string){
		"refusal": func(w http.ResponseWriter, form string) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": form, "error_description": form})
		},
		"web page": func(w http.ResponseWriter, form string) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<html><title>"+form+"</title>"+form)
		},
		"no JSON":      func(w http.ResponseWriter, form string) { _, _ = io.WriteString(w, form) },
		"out of order": func(w http.ResponseWriter, form string) { http.Error(w, form, http.StatusServiceUnavailable) },
		"form with a token of nobody": func(w http.ResponseWriter, form string) {
			w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
			_, _ = io.WriteString(w, "access_token="+url.QueryEscape(form))
		},
		"redirect": func(w http.ResponseWriter, form string) {
			w.Header().Set("Location", "https://evil.example.org/?"+form)
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
	}
	flows := map[string]soap.Authenticator{
		"client credentials": soap.ClientCredentials{ClientID: testClient, ClientSecret: soap.NewSecret("secret-of-app")},
		"password": soap.PasswordGrant{
			ClientID: testClient, ClientSecret: soap.NewSecret("secret-of-app"), Username: testUser, Password: soap.NewSecret("geheim-4711"), Token: soap.NewSecret("TokenTokenToken"),
		},
		"refresh token": soap.RefreshToken{ClientID: testClient, ClientSecret: soap.NewSecret("secret-of-app"), Token: soap.NewSecret("5Aep861refresh")},
		"authorization code": soap.AuthorizationCode{
			ClientID: testClient, Code: soap.NewSecret("aPrxCode"), Verifier: soap.NewSecret("verifier-verifier-verifier-verifier-verifier"), RedirectURI: "http://127.0.0.1:1/callback",
		},
		"jwt bearer": soap.JWTBearer{ClientID: testClient, Username: testUser, Key: soap.NewSecret(private)},
	}
	for name, reply := range replies {
		var sent string
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ParseForm() == nil {
				sent, _ = url.QueryUnescape(r.PostForm.Encode())
			}
			reply(w, sent)
		}))
		for flow, auth := range flows {
			c, err := soap.New(soap.Options{URL: front.URL, AllowedHosts: []string{"127.0.0.1"}, Auth: auth})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Login(context.WithoutCancel(t.Context()))
			c.Close()
			if err == nil || sent == "" {
				t.Errorf("%s, %s: %v after sending %d bytes", flow, name, err, len(sent))
				continue
			}
			for _, secret := range []string{"secret-of-app", "geheim-4711", "TokenTokenToken", "5Aep861refresh", "aPrxCode", "verifier-verifier", "eyJhbGci", "PRIVATE KEY"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s, %s: %q is in the error: %v", flow, name, secret, err)
				}
			}
			sent = ""
		}
		front.Close()
	}
}
