// Package identity lets a Cognito user pool check passwords. It is the only place that knows Cognito's words.
package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

// throttled is how long a caller stays away when the pool throttles; it does not say itself.
const throttled = 5 * time.Second

// Cognito implements tenant.Identity.
type Cognito struct {
	Client   *cognitoidentityprovider.Client
	PoolID   string
	ClientID string
}

var _ tenant.Identity = Cognito{}

// SignUp implements tenant.Identity.
func (c Cognito) SignUp(ctx context.Context, email, password, name string) (string, error) {
	r, err := c.Client.SignUp(ctx, &cognitoidentityprovider.SignUpInput{
		ClientId: &c.ClientID, Username: &email, Password: &password,
		UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: &email},
			{Name: aws.String("name"), Value: &name},
		},
	})
	if err != nil {
		return "", refusal(err)
	}
	return aws.ToString(r.UserSub), nil
}

// Confirm implements tenant.Identity.
func (c Cognito) Confirm(ctx context.Context, email string) error {
	_, err := c.Client.AdminConfirmSignUp(ctx, &cognitoidentityprovider.AdminConfirmSignUpInput{UserPoolId: &c.PoolID, Username: &email})
	var already *types.NotAuthorizedException // "Current status is CONFIRMED"
	if errors.As(err, &already) {
		return nil
	}
	return refusal(err)
}

// ConfirmCode implements tenant.Identity.
func (c Cognito) ConfirmCode(ctx context.Context, email, code string) error {
	_, err := c.Client.ConfirmSignUp(ctx, &cognitoidentityprovider.ConfirmSignUpInput{ClientId: &c.ClientID, Username: &email, ConfirmationCode: &code})
	var wrong *types.CodeMismatchException
	var old *types.ExpiredCodeException
	var unknown *types.UserNotFoundException
	var done *types.NotAuthorizedException
	if errors.As(err, &wrong) || errors.As(err, &old) || errors.As(err, &unknown) || errors.As(err, &done) {
		// One sentence for all of them: it must not tell which addresses have an account.
		return problem.New(problem.InvalidRequest, "The code is wrong or too old.").On("code").Because(errors.New("identity: code refused"))
	}
	return refusal(err)
}

// SignIn implements tenant.Identity.
func (c Cognito) SignIn(ctx context.Context, email, password string) (tenant.User, error) {
	r, err := c.Client.InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
		ClientId: &c.ClientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": password},
	})
	if err != nil {
		return tenant.User{}, refusal(err)
	}
	if r.AuthenticationResult == nil {
		return tenant.User{}, fmt.Errorf("identity: the pool asks for %s, which Herald does not do", r.ChallengeName)
	}
	u, err := userOf(aws.ToString(r.AuthenticationResult.IdToken))
	if u.Email == "" {
		u.Email = email
	}
	return u, err
}

// userOf reads the ID token's claims. It came from the pool itself over TLS, so its signature proves nothing more.
func userOf(idToken string) (tenant.User, error) {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return tenant.User{}, errors.New("identity: no ID token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return tenant.User{}, errors.New("identity: unreadable ID token")
	}
	var claims struct {
		Sub   string `json:"sub"`
		Email string `json:"email"`
		Name  string `json:"name"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil || claims.Sub == "" {
		return tenant.User{}, errors.New("identity: ID token without a subject")
	}
	return tenant.User{ID: claims.Sub, Email: tenant.NormalEmail(claims.Email), Name: claims.Name}, nil
}

// refusal turns Cognito's exceptions into problems. Their messages are not passed on: some name the account.
func refusal(err error) error {
	var (
		taken       *types.UsernameExistsException
		alias       *types.AliasExistsException
		weak        *types.InvalidPasswordException
		unconfirmed *types.UserNotConfirmedException
		wrong       *types.NotAuthorizedException
		unknown     *types.UserNotFoundException
		reset       *types.PasswordResetRequiredException
		many        *types.TooManyRequestsException
		manyFailed  *types.TooManyFailedAttemptsException
		limit       *types.LimitExceededException
		parameter   *types.InvalidParameterException
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &taken), errors.As(err, &alias):
		p := problem.New(problem.Conflict, "There is an account with this e-mail address already. Sign in instead.").On("email")
		p.Action = problem.Action{Kind: problem.ActSignIn, Label: "Sign in"}
		return p
	case errors.As(err, &weak):
		return problem.New(problem.InvalidRequest,
			"The password needs at least 10 characters, among them a lower-case letter and a digit.").On("password")
	case errors.As(err, &unconfirmed):
		return tenant.ErrUnconfirmed
	case errors.As(err, &wrong) && strings.Contains(wrong.ErrorMessage(), "attempts exceeded"):
		return tooMany()
	case errors.As(err, &wrong), errors.As(err, &unknown), errors.As(err, &reset):
		return problem.New(problem.Unauthorized, "The e-mail address or the password is wrong.")
	case errors.As(err, &many), errors.As(err, &manyFailed), errors.As(err, &limit):
		return tooMany()
	case errors.As(err, &parameter):
		return problem.New(problem.InvalidRequest, "The e-mail address or the password cannot be used.").On("email").Because(errors.New("identity: invalid parameter"))
	default:
		return fmt.Errorf("identity: %w", err)
	}
}

func tooMany() error {
	p := problem.New(problem.RateLimited, "Too many attempts. Wait a moment and try again.")
	p.RetryAfter = throttled
	return p
}
