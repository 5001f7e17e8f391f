import js from '@eslint/js'
import query from '@tanstack/eslint-plugin-query'
import a11y from 'eslint-plugin-jsx-a11y-x'
import hooks from 'eslint-plugin-react-hooks'
import globals from 'globals'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/services/schema.ts'] },
  js.configs.recommended,
  ts.configs.recommendedTypeChecked,
  hooks.configs.flat['recommended-latest'],
  a11y.configs.recommended,
  query.configs['flat/recommended'],
  {
    languageOptions: { globals: globals.browser, parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'off', // the router's redirect() is thrown and is no Error
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'jsx-a11y-x/label-has-associated-control': [
        'error',
        { controlComponents: ['Checkbox', 'Radio'], depth: 3 },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'], // not part of the TypeScript program
    ...ts.configs.disableTypeChecked,
    languageOptions: {
      globals: { ...globals.node, ...globals.browser },
      parserOptions: { projectService: false },
    },
  },
)
