package emulator

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// OAuth are the switches of the org's one app. The management endpoint reads and changes them.
type OAuth struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// PublicKey is the app's certificate, or a public key, as PEM. Without one every assertion is invalid.
	PublicKey string `json:"public_key"`

	GenericHost bool `json:"generic_host"` // we stand for login.salesforce.com: no client credentials
	NoRunAs     bool `json:"no_run_as"`    // the client credentials flow has no user
	NotApproved bool `json:"not_approved"` // the user may not use the app
	Denied      bool `json:"denied"`       // the user says no in the browser
	NoPassword  bool `json:"no_password"`  // the username-password flow is blocked
	Rotate      bool `json:"rotate"`       // each use of a refresh token makes a new one and ends the old
	JWTTokens   bool `json:"jwt_tokens"`   // access tokens are JWTs, which SOAP does not take
}

// oauthState is the app with what it has given out. The org's lock guards it.
type oauthState struct {
	settings OAuth
	refresh  map[string]bool   // valid refresh tokens
	codes    map[string]*grant // authorization codes that were not used yet
	made     uint64
}

// grant is an authorization code's request.
type grant struct {
	challenge, redirect string
	offline             bool // with the scope refresh_token
	until               time.Time
}

// Life of an authorization code, and the longest of an assertion.
const (
	codeLife      = 15 * time.Minute
	assertionLife = 5 * time.Minute
)

func newOAuthState() oauthState {
	return oauthState{
		settings: OAuth{ClientID: "emulator-client", ClientSecret: "emulator-secret"},
		refresh:  map[string]bool{}, codes: map[string]*grant{},
	}
}

// OAuth gives the app's switches.
func (o *Org) OAuth() OAuth {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.oauth.settings
}

// ConfigureOAuth changes the app's switches. Tokens that were given out stay valid.
func (o *Org) ConfigureOAuth(s OAuth) error {
	if s.ClientID == "" {
		return errors.New("emulator: client_id is empty")
	}
	if s.PublicKey != "" {
		if _, err := publicKey(s.PublicKey); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.oauth.settings = s
	return nil
}

// publicKey reads an RSA key out of a certificate or a public key in PEM form.
func publicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("emulator: public_key is not PEM")
	}
	var key any
	if c, err := x509.ParseCertificate(block.Bytes); err == nil {
		key = c.PublicKey
	} else if key, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, fmt.Errorf("emulator: public_key: %w", err)
	}
	if k, ok := key.(*rsa.PublicKey); ok {
		return k, nil
	}
	return nil, errors.New("emulator: public_key is not an RSA key")
}

// oauthError is an answer of the token endpoint: HTTP 400 and JSON.
type oauthError struct {
	Code string `json:"error"`
	Text string `json:"error_description"`
}

func (e *oauthError) Error() string { return "emulator: " + e.Code + ": " + e.Text }

// oauthRoutes adds the OAuth endpoints.
func (s *Server) oauthRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /services/oauth2/token", s.serveToken)
	mux.HandleFunc("GET /services/oauth2/authorize", s.serveAuthorize)
	mux.HandleFunc("POST /services/oauth2/revoke", s.serveRevoke)
	mux.HandleFunc("GET /services/oauth2/userinfo", s.serveIdentity)
	mux.HandleFunc("GET /id/{org}/{user}", s.serveIdentity)
}

// tokenAnswer is the success of the token endpoint. Salesforce gives no expires_in.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Signature    string `json:"signature,omitempty"`
	Scope        string `json:"scope,omitempty"`
	TokenFormat  string `json:"token_format,omitempty"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	TokenType    string `json:"token_type"`
	IssuedAt     string `json:"issued_at,omitempty"`
}

func (s *Server) serveToken(w http.ResponseWriter, req *http.Request) {
	o := s.org
	o.mu.Lock()
	o.usage.count("token")
	effect := o.script.match("token")
	o.mu.Unlock()
	s.log.WithField("call", "token").Debug("call")
	if effect.delay > 0 && !s.wait(req.Context(), effect.delay) {
		panic(http.ErrAbortHandler)
	}
	if effect.status != 0 {
		htmlPage(w, effect.status)
		return
	}
	if f := effect.fault; f != nil {
		answerOAuth(w, &oauthError{strings.ToLower(f.code), f.message})
		return
	}
	req.Body = http.MaxBytesReader(w, req.Body, 1<<20)
	if err := req.ParseForm(); err != nil {
		answerOAuth(w, &oauthError{"invalid_request", "the body is no form"})
		return
	}
	o.mu.Lock()
	answer, refused := o.grantToken(req)
	o.mu.Unlock()
	if refused != nil {
		answerOAuth(w, refused)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	answerJSON(w, http.StatusOK, answer)
}

func answerOAuth(w http.ResponseWriter, e *oauthError) {
	w.Header().Set("Cache-Control", "no-store")
	answerJSON(w, http.StatusBadRequest, e)
}

// grantToken decides about a grant. The lock must be held for writing.
func (o *Org) grantToken(req *http.Request) (*tokenAnswer, *oauthError) {
	a := &o.oauth.settings
	form := req.PostForm
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := req.BasicAuth(); ok {
		id, secret = user, password
	}
	kind := form.Get("grant_type")
	if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		if refused := o.assertion(form.Get("assertion")); refused != nil {
			return nil, refused
		}
		answer := o.tokenAnswer("api")
		answer.Signature, answer.IssuedAt = "", ""
		return answer, nil
	}
	if id != a.ClientID {
		return nil, &oauthError{"invalid_client_id", "client identifier invalid"}
	}
	// The flows of a person let an app without secret in; a wrong secret is refused in all.
	if secret != a.ClientSecret && (secret != "" || kind == "client_credentials" || kind == "password") {
		return nil, &oauthError{"invalid_client", "invalid client credentials"}
	}
	switch kind {
	case "client_credentials":
		switch {
		case a.GenericHost:
			return nil, &oauthError{"invalid_grant", "request not supported on this domain"}
		case a.NoRunAs:
			return nil, &oauthError{"invalid_grant", "no client credentials user enabled"}
		}
		return o.tokenAnswer("api"), nil
	case "refresh_token":
		old := form.Get("refresh_token")
		if !o.oauth.refresh[old] {
			return nil, &oauthError{"invalid_grant", "expired access/refresh token"}
		}
		answer := o.tokenAnswer("refresh_token api")
		if a.Rotate {
			delete(o.oauth.refresh, old)
			answer.RefreshToken = o.newRefreshToken()
		}
		return answer, nil
	case "authorization_code":
		return o.exchange(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	case "password":
		if a.NoPassword {
			return nil, &oauthError{"invalid_grant", "authentication failure"}
		}
		if f := o.checkPassword(form.Get("username"), form.Get("password")); f != nil {
			return nil, &oauthError{"invalid_grant", "authentication failure"}
		}
		return o.tokenAnswer("api"), nil
	}
	return nil, &oauthError{"unsupported_grant_type", "grant type not supported"}
}

// tokenAnswer opens a session and wraps it. The lock must be held for writing.
func (o *Org) tokenAnswer(scope string) *tokenAnswer {
	issued := strconv.FormatInt(o.now().UnixMilli(), 10)
	a := &tokenAnswer{
		InstanceURL: o.url, ID: o.url + "/id/" + o.orgID + "/" + o.userID, TokenType: "Bearer", Scope: scope,
		IssuedAt: issued, TokenFormat: "opaque",
	}
	mac := hmac.New(sha256.New, []byte(o.oauth.settings.ClientSecret))
	mac.Write([]byte(a.ID + issued))
	a.Signature = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if o.oauth.settings.JWTTokens {
		o.sessions.made++
		a.TokenFormat = "jwt"
		a.AccessToken = "eyJhbGciOiJSUzI1NiJ9." + o.token("claims", o.sessions.made, 60) + "." + o.token("signature", o.sessions.made, 60)
		return a
	}
	a.AccessToken = o.newSession().id
	return a
}

func (o *Org) newRefreshToken() string {
	o.oauth.made++
	token := "5Aep861" + o.token("refresh", o.oauth.made, 80)
	o.oauth.refresh[token] = true
	return token
}

// assertion checks a JWT (RFC 7523, 3). The lock must be held.
func (o *Org) assertion(text string) *oauthError {
	invalid := &oauthError{"invalid_grant", "invalid assertion"}
	a := &o.oauth.settings
	signed, signature, ok := cutLast(text, ".")
	head, body, ok2 := strings.Cut(signed, ".")
	if !ok || !ok2 || a.PublicKey == "" {
		return invalid
	}
	decode := base64.RawURLEncoding.DecodeString
	var header struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss string `json:"iss"`
		Sub string `json:"sub"`
		Aud string `json:"aud"`
		Exp int64  `json:"exp"`
	}
	h, err1 := decode(head)
	c, err2 := decode(body)
	sig, err3 := decode(signature)
	if errors.Join(err1, err2, err3, json.Unmarshal(h, &header), json.Unmarshal(c, &claims)) != nil || header.Alg != "RS256" {
		return invalid
	}
	key, err := publicKey(a.PublicKey)
	if err != nil || !validSignature(key, signed, sig) {
		return invalid
	}
	now := o.now()
	switch expires := time.Unix(claims.Exp, 0); {
	case claims.Iss != a.ClientID:
		return &oauthError{"invalid_client_id", "client identifier invalid"}
	case claims.Aud != "https://login.salesforce.com" && claims.Aud != "https://test.salesforce.com":
		return &oauthError{"invalid_grant", "audience is invalid"}
	case !expires.After(now) || expires.Sub(now) > assertionLife:
		return invalid
	case !strings.EqualFold(claims.Sub, o.options.Username):
		return invalid
	case a.NotApproved:
		return &oauthError{"invalid_grant", "user hasn't approved this consumer"}
	}
	return nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
