package emulator

import (
	"strings"
)

// login checks the credentials and opens a session.
func (o *Org) login(c *call) (*session, *fault) {
	if c.version >= 65 {
		return nil, newFault("INVALID_OPERATION", "The SOAP Login operation is not available in the API version specified ("+c.versionText()+"). Refer to the documentation for supported versions.")
	}
	if o.settings.LoginDisabled {
		return nil, newFault("INVALID_OPERATION", textLoginDisabled)
	}
	if f := o.checkPassword(c.op.value("username"), c.op.value("password")); f != nil {
		return nil, f
	}
	return o.newSession(), nil
}

// checkPassword checks a password with its token, and counts wrong ones. The lock must be held for writing.
func (o *Org) checkPassword(username, password string) *fault {
	wrong := newFault("INVALID_LOGIN", textInvalidLogin)
	if !strings.EqualFold(strings.TrimSpace(username), o.options.Username) {
		return wrong
	}
	if o.now().Before(o.sessions.locked) {
		return wrong
	}
	rest, right := strings.CutPrefix(password, o.options.Password)
	switch {
	case right && (rest == o.options.Token || o.settings.TrustedNetwork && rest == ""):
		o.sessions.failures = 0
		return nil
	case right && rest == "":
		return newFault("LOGIN_MUST_USE_SECURITY_TOKEN", textNewLocation)
	}
	o.sessions.failures++
	if o.sessions.failures >= maxLoginTries {
		o.sessions.failures = 0
		o.sessions.locked = o.now().Add(lockoutTime)
	}
	return wrong
}

func (o *Org) writeLogin(w *xmlWriter, c *call, s *session) {
	server := o.url
	if o.serverURLs != "" {
		server = o.serverURLs
	}
	tail := c.versionText() + "/" + o.orgID[:15]
	w.raw("<loginResponse><result>")
	w.text("metadataServerUrl", server+"/services/Soap/m/"+tail)
	w.flag("passwordExpired", o.settings.PasswordExpired)
	w.flag("sandbox", o.settings.Sandbox)
	w.text("serverUrl", server+"/services/Soap/u/"+tail)
	w.text("sessionId", s.id)
	w.text("userId", o.userID)
	w.open("userInfo")
	o.writeUserInfo(w, c.version)
	w.close("userInfo")
	w.raw("</result></loginResponse>")
}

// writeUserInfo writes the children of a GetUserInfoResult.
func (o *Org) writeUserInfo(w *xmlWriter, version int) {
	w.flag("accessibilityMode", false)
	if version >= 41 {
		w.flag("chatterExternal", false)
	}
	w.text("currencySymbol", "€")
	w.number("orgAttachmentFileSizeLimit", 5242880)
	w.text("orgDefaultCurrencyIsoCode", "EUR")
	w.text("orgDefaultCurrencyLocale", "de_DE_EURO")
	w.flag("orgDisallowHtmlAttachments", false)
	w.flag("orgHasPersonAccounts", false)
	w.text("organizationId", o.orgID)
	w.flag("organizationMultiCurrency", false)
	w.text("organizationName", "Emulated Org")
	w.text("profileId", string(appendMadeID(nil, "00e", "E0", 1)))
	w.null("roleId")
	w.number("sessionSecondsValid", o.settings.SessionSeconds)
	w.null("userDefaultCurrencyIsoCode")
	w.text("userEmail", o.options.Username)
	w.text("userFullName", "Integration User")
	w.text("userId", o.userID)
	w.text("userLanguage", "en_US")
	w.text("userLocale", "en_US")
	w.text("userName", o.options.Username)
	w.text("userTimeZone", "GMT")
	w.text("userType", "Standard")
	w.text("userUiSkin", "Theme3")
}
