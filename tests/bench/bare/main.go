// Bare is a function that does nothing but make the AWS clients that the publisher makes: what a start costs at least.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	d, q, k, o, m := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg), kms.NewFromConfig(cfg), s3.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg)
	lambda.StartHandlerFunc(func(ctx context.Context, _ struct{}) (string, error) {
		// Never called: it only keeps the linker from leaving out what the publisher uses of each client.
		_, err1 := d.UpdateItem(ctx, nil)
		_, err2 := d.TransactWriteItems(ctx, nil)
		_, err3 := d.BatchGetItem(ctx, nil)
		_, err4 := q.SendMessage(ctx, nil)
		_, err5 := k.Decrypt(ctx, nil)
		_, err6 := o.GetObject(ctx, nil)
		_, err7 := m.GetSecretValue(ctx, nil)
		for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
			if err != nil {
				return "", err
			}
		}
		return "", nil
	})
}
