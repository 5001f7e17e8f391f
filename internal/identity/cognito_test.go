package identity_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/identity"
	"github.com/herald-publishing/herald/internal/local/teststack"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/tenant"
)

const password = "correct-horse-42"

func open(t *testing.T) (c identity.Cognito, email string) {
	t.Helper()
	s := teststack.Open(t)
	return identity.Cognito{
		Client: cognitoidentityprovider.NewFromConfig(s.AWS()), PoolID: s.Output(t, "PoolId"), ClientID: s.Output(t, "PoolClientId"),
	}, ulid.Make().String() + "@example.com"
}

func TestSignUpThenIn(t *testing.T) {
	t.Parallel()
	c, email := open(t)
	id, err := c.SignUp(t.Context(), email, password, "Ada Lovelace")
	require.NoError(t, err)
	require.NotEmpty(t, id)
	_, err = c.SignIn(t.Context(), email, password)
	require.ErrorIs(t, err, tenant.ErrUnconfirmed)
	require.NoError(t, c.Confirm(t.Context(), email))
	require.NoError(t, c.Confirm(t.Context(), email), "confirming again is a success")
	u, err := c.SignIn(t.Context(), email, password)
	require.NoError(t, err)
	require.Equal(t, tenant.User{ID: id, Email: tenant.NormalEmail(email), Name: "Ada Lovelace"}, u)
}

func TestRefusalsAreProblems(t *testing.T) {
	t.Parallel()
	c, email := open(t)
	for _, weak := range []string{"short1", "only-lower-case", "ONLY-UPPER-42"} {
		_, err := c.SignUp(t.Context(), email, weak, "Ada")
		require.Equal(t, "password", problem.Of(err).Field, weak)
		require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
		require.NotContains(t, err.Error(), weak)
	}
	_, err := c.SignUp(t.Context(), email, password, "Ada")
	require.NoError(t, err)
	_, err = c.SignUp(t.Context(), email, password, "Ada")
	require.Equal(t, problem.Conflict, problem.ClassOf(err))
	require.Equal(t, "email", problem.Of(err).Field)

	require.NoError(t, c.Confirm(t.Context(), email))
	_, wrong := c.SignIn(t.Context(), email, "wrong-horse-42")
	_, unknown := c.SignIn(t.Context(), ulid.Make().String()+"@example.com", password)
	require.Equal(t, problem.Unauthorized, problem.ClassOf(wrong))
	require.Equal(t, problem.Of(wrong).Message, problem.Of(unknown).Message)
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(c.ConfirmCode(t.Context(), ulid.Make().String()+"@example.com", "123456")))
}
