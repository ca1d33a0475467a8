/** The page about the interface for programs, made from its routes: readable without scripts and without another host. */
import { Router } from 'express';
import type { RecordSource } from '../../src/storage/records.ts';
import { recordNameOf } from '../../src/storage/records.ts';
import { requestContextOf } from '../http/request-context.ts';
import { sendPage } from '../pages/layout.tsx';
import type { ApiTexts } from '../texts/api.ts';
import { apiTexts } from '../texts/api.ts';
import { apiPath, apiRouteList } from './api.ts';
import { documentPath, problemList } from './openapi.ts';
import type { ParameterSet } from './parameters.ts';
import type { ApiRoute } from './route.ts';

export function apiPageRoutes(): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    const texts = apiTexts[requestContextOf(response).language];
    sendPage(response, { title: texts.title, styles: ['api.css'], children: <Interface texts={texts} /> });
  });
  return router;
}

function Interface({ texts }: { readonly texts: ApiTexts }) {
  return (
    <>
      <p class="lead">{texts.lead}</p>
      <p>
        <a href={`${apiPath}/openapi.json`}>{texts.document}</a>
      </p>
      <h2>{texts.access}</h2>
      <p>{texts.accessWords}</p>
      <pre>
        <code>oikotie dashboard token --name notebook --scope read:data</code>
      </pre>
      <h2>{texts.paging}</h2>
      <p>{texts.pagingWords}</p>
      {[...new Set(apiRouteList.map(({ group }) => group))].map((group) => (
        <section key={group}>
          <h2>{group}</h2>
          {apiRouteList
            .filter((route) => route.group === group)
            .map((route) => (
              <RouteParts route={route} texts={texts} key={route.name} />
            ))}
        </section>
      ))}
      <Problems texts={texts} />
    </>
  );
}

interface RouteProps {
  readonly route: ApiRoute;
  readonly texts: ApiTexts;
}

function RouteParts({ route, texts }: RouteProps) {
  const path = `${apiPath}${documentPath(route.path)}`;
  const parameters: ParameterSet = { ...route.inPath, ...route.inQuery };
  const isLink = Object.keys(route.inPath).length === 0;
  return (
    <article id={route.name}>
      <h3>{isLink ? <a href={path}>{`GET ${path}`}</a> : `GET ${path}`}</h3>
      <p lang="en">{route.summary}.</p>
      <p class="soft">{texts.needs(route.scope)}</p>
      {route.lines === null ? null : <p>{texts.linesWords}</p>}
      {Object.keys(parameters).length === 0 ? null : <Parameters parameters={parameters} texts={texts} />}
      {route.rows === null ? null : <Fields source={route.rows} texts={texts} />}
    </article>
  );
}

function Parameters({ parameters, texts }: { readonly parameters: ParameterSet; readonly texts: ApiTexts }) {
  return (
    <details>
      <summary>{texts.parameters}</summary>
      <table class="facts">
        <thead>
          <tr>
            <th scope="col">{texts.parameter}</th>
            <th scope="col">{texts.values}</th>
            <th scope="col">{texts.meaning}</th>
          </tr>
        </thead>
        <tbody lang="en">
          {Object.entries(parameters).map(([name, { expected, meaning }]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{expected}</td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Fields({ source, texts }: { readonly source: RecordSource; readonly texts: ApiTexts }) {
  return (
    <details>
      <summary>{texts.answer}</summary>
      <table class="facts">
        <thead>
          <tr>
            <th scope="col">{texts.field}</th>
            <th scope="col">{texts.unit}</th>
            <th scope="col">{texts.meaning}</th>
          </tr>
        </thead>
        <tbody lang="en">
          {source.columns.map((column) => (
            <tr key={column.name}>
              <th scope="row">
                <code>{recordNameOf(column)}</code>
              </th>
              <td>{column.unit ?? ''}</td>
              <td>{column.meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Problems({ texts }: { readonly texts: ApiTexts }) {
  return (
    <>
      <h2>{texts.problems}</h2>
      <table class="facts">
        <thead>
          <tr>
            <th scope="col">{texts.problem}</th>
            <th scope="col" class="number">
              {texts.status}
            </th>
            <th scope="col">{texts.meaning}</th>
          </tr>
        </thead>
        <tbody lang="en">
          {problemList.map(({ kind, status, meaning }) => (
            <tr key={kind} id={kind}>
              <th scope="row">
                <code>{kind}</code>
              </th>
              <td class="number">{status}</td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
