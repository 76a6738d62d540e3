package emulator

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// serveAuthorize answers as if a person had logged in and approved at once (RFC 6749, 4.1.1; PKCE, RFC 7636).
func (s *Server) serveAuthorize(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	o := s.org
	o.mu.Lock()
	defer o.mu.Unlock()
	o.usage.count("authorize")
	redirect, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") != o.oauth.settings.ClientID:
		answerOAuth(w, &oauthError{"invalid_client_id", "client identifier invalid"})
		return
	case err != nil || !isLoopbackHost(redirect.Hostname()):
		answerOAuth(w, &oauthError{"redirect_uri_mismatch", "redirect_uri must match configuration"})
		return
	}
	out := redirect.Query()
	out.Set("state", q.Get("state"))
	method := q.Get("code_challenge_method")
	switch {
	case q.Get("response_type") != "code":
		out.Set("error", "unsupported_response_type")
		out.Set("error_description", "response type not supported")
	case o.oauth.settings.Denied:
		out.Set("error", "access_denied")
		out.Set("error_description", "end-user denied authorization")
	case q.Get("code_challenge") == "" || method != "" && method != "S256":
		out.Set("error", "invalid_request")
		out.Set("error_description", "missing required code challenge")
	default:
		o.oauth.made++
		code := "aPrx" + o.token("code", o.oauth.made, 80) + "=="
		o.oauth.codes[code] = &grant{
			challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), until: o.now().Add(codeLife),
			offline: strings.Contains(" "+q.Get("scope")+" ", " refresh_token "),
		}
		out.Set("code", code)
	}
	redirect.RawQuery = out.Encode()
	http.Redirect(w, req, redirect.String(), http.StatusFound)
}

func isLoopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// exchange turns an authorization code into tokens; a code works once. The lock must be held for writing.
func (o *Org) exchange(code, redirect, verifier string) (*tokenAnswer, *oauthError) {
	g := o.oauth.codes[code]
	delete(o.oauth.codes, code)
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case g == nil:
		return nil, &oauthError{"invalid_grant", "invalid authorization code"}
	case o.now().After(g.until):
		return nil, &oauthError{"invalid_grant", "expired authorization code"}
	case g.redirect != redirect:
		return nil, &oauthError{"redirect_uri_mismatch", "redirect_uri must match configuration"}
	case base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		return nil, &oauthError{"invalid_grant", "invalid code verifier"}
	}
	scope := "api"
	if g.offline {
		scope = "refresh_token api"
	}
	answer := o.tokenAnswer(scope)
	if g.offline {
		answer.RefreshToken = o.newRefreshToken()
	}
	return answer, nil
}

// serveRevoke ends an access or a refresh token.
func (s *Server) serveRevoke(w http.ResponseWriter, req *http.Request) {
	token := req.FormValue("token")
	o := s.org
	o.mu.Lock()
	defer o.mu.Unlock()
	o.usage.count("revoke")
	switch {
	case o.sessions.live[token] != nil:
		delete(o.sessions.live, token)
	case o.oauth.refresh[token]:
		delete(o.oauth.refresh, token)
	default:
		answerOAuth(w, &oauthError{"unsupported_token_type", "this token type is not supported"})
	}
}

// serveIdentity answers /services/oauth2/userinfo and the identity URL.
func (s *Server) serveIdentity(w http.ResponseWriter, req *http.Request) {
	o := s.org
	o.mu.Lock()
	defer o.mu.Unlock()
	token, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if _, f := o.session(token); f != nil {
		answerJSON(w, http.StatusUnauthorized, []map[string]string{{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}})
		return
	}
	id := o.url + "/id/" + o.orgID + "/" + o.userID
	answerJSON(w, http.StatusOK, map[string]any{
		"id": id, "sub": id, "user_id": o.userID, "organization_id": o.orgID, "preferred_username": o.options.Username,
		"username": o.options.Username, "name": "Integration User", "email": o.options.Username, "active": true,
		"urls": map[string]string{"partner": o.url + "/services/Soap/u/{version}/" + o.orgID[:15]},
	})
}

func validSignature(key *rsa.PublicKey, signed string, signature []byte) bool {
	sum := sha256.Sum256([]byte(signed))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}
