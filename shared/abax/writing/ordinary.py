"""Words that may begin with a capital letter without being a name: openers of sentences, nouns of business
mail, titles, abbreviations. One set for all seven languages: what is ordinary in one is no customer in
another."""

from __future__ import annotations

from typing import Final

from abax.writing.spelling import words

_ENGLISH: Final = """
a about above according accordingly account accountant accounting accounts action actions activities
activity actual add additional additionally address admittedly after again agenda agreed agreement ahead aim
aims all allow already also alternatively although always am amicably amount amounts an and another any
anyone anything apart apologies apology apparently appreciate appreciated approval approve approved april
are arrange arranged as ask asked at attached attachment attachments attendees attn august availability
available back background balance bank based be because been before being below beside best better between
bill billing bills bookkeeping both box business but by call can cancel cancelled carton category cc centre
certificate certificates change changes charge check checked checks cheers chief claim clause client clients
close closed closing colleague colleagues collected come comment comments commercial committed company
compared complete completed compliance concerned concerning conditions confirm confirmation confirmed
confirming congratulations consequently consider consignee contact contacting contract contracts contractual
contrary controller cordially correct correction cost costs could create credit creditor credits crossed
currency current currently customer customers data date dated dates days deadline deal deals dear debt
debtor december decide decided decision decisions declaration deducted delays deliver delivered deliveries
delivery department deposits desk despite detail details did difference differences different director
discount discussed discussion disposition dispute disregard do document documents does done down draft due
duration during each early either else email enclosed end enquiries enquiry ensure error essentially euro
euros even eventually every everyone everything evidence exactly except expected expects expired expires
expiry exports extra failing failure february fee fees final finally finance financial find finding first
follow follow-up following following-up for forgotten formal forward forwarded fourth framework friday
fridays friendliest friendly from full fully further furthermore generally get give given glad go good goods
great greetings had happens happy has have having he hello help helpdesk her here hereby hi high highest
highlights his hope hopefully hoping how however i if ignore immediately important in included including
incoming incorrect indeed inform information initially inspection instalment instalments instead insurance
interest internal into invoice invoiced invoices is issue issued issues it item items its january july june
just keep key kind kindest kindly kindness know last lastly late later latest lead legal less let letter
level licence license line lines list live locked log login logistics long look looking low lower made mail
maintenance make management manager many march marvellous matter matters may me mean meantime meanwhile
measures meet meeting members message method minimum minutes missing monday mondays money month monthly
months more moreover morning mornings most much must my name naturally need needs negative neither net never
nevertheless new next no nobody non none nor normal not notably note noted notes nothing notice notification
november now number numbers object obviously october of off offer offers office official often ok on once
one only open opening operations option or order ordered orders organisation original originally other
otherwise our ours out outcome outstanding outstandingly over overall overdue overdue-notice overlooked
overview own owner owners package page paid pallet partial partially participants participation parties
partner partners party past pay payable payables paying payment payments pcs pdfs penalty pending per
perhaps period person personally phone pieces place please pleased pleasure point points policy positive
possible possibly post postponed present presumably previously price prices pricing primary prior priority
private probably problem problems procedure proceed process procurement product production products
programme progress project proof properly proposal proposals proposed prospect protection provide provided
pump purchase purchasing put quality quantities quantity quarter quarterly question questions quick quickly
quotation quotations quote quoted rate rates rather raw re reach read ready reason reasons receipt
receivable receivables receive received recent recently recipient record records reference references refund
refuse regard regarding regards register registration regrettably regular related relevant remain remaining
remains remarks remember remind reminder reminder-notice reminders remittance renew repeat replacement reply
report request requested required requirement requirements respectfully response responsible rest result
results return returned returns review reviewed right risk risks role safety said sale sales same saturday
save scheduled second secondly section see seen send sender sending sent separately september service
services settle settled settlement several shall share she shipment shipments shipped shipping short shortly
should show signed similarly simply since sincerely single sir sirs situation slightly so some someone
something soon sorry special specifically specified spoke staff stage standard start started state statement
status step steps still stock stop stores strictly subject such sum summary sunday supplier suppliers supply
support surely suspended take taken target task tasks tax team technical telephone tell term terms than
thank thanks that the their them then there thereafter therefore these they third thirdly this those though
three through thursday thursdays thus time times title to today together tomorrow too total totals trade
transaction transfer transferred transformation transport treasury truly try tuesday tuesdays two ultimately
under understand understanding understood unfortunately unit units unless unpaid unsubscribe until up update
updated upon urgent us use used user usual usually valid validity value very via visitors waiting want
warehouse warm warmest was we wednesday wednesdays week weekly weeks welcome well were what whatever when
whenever where whereas whether which while who whole whom whose why will willing wish wishes with within
without wonder work working works would write writing written wrong year years yes yesterday yet you your
yours yourself zero
"""

_GERMAN: Final = """
ab abend aber abgelaufen abgestimmt ablauf ablaufdatum abnahme absage absatz absender absprache abteilung
abweichung abweichungen abzug adresse akte aktivität aktivitäten aktuell aktuelle aktueller alle allem allen
allerbeste allerdings alles als also alternativ am amt an anbei anbieter anbindung andere anderen
andererseits andernfalls anders anfang anfrage anfragen angabe angaben angebot angebote angebots angehörige
angelegenheit anhang anlage anlagen anliegen annahme anruf ansatz anschreiben anschrift ansonsten
ansprechpartner ansprechpartnerin anspruch anteil antrag antwort antworten anwalt anweisung anzahl anzahlung
artikel auch auf aufgabe aufgaben aufgrund auflistung aufstellung auftrag auftraggeber auftragnehmer
auftrags aufträge aufwand augen aus ausblick ausdruck ausführung ausgleich auskunft ausnahme ausstehend
ausstehende ausstellung austausch auszug auszüge außerdem bank bankdaten bankverbindung bar basis baustelle
beachten bearbeitung beauftragung bedarf bedenken bedingung bedingungen beginn begleichung bei beide beiden
beigefügt beilage beispiel beitrag beleg belege bemerkung benutzername benötigen berechnet bereich bereits
bericht berichtigung berufsgenossenschaft bescheid bescheinigung beschwerde besprechung besprochen bestand
bestandteil beste bestellnummer bestellung bestellungen besten bestätigen bestätigung bestätigungen besuch
betrag betrags betreff betreffend betrieb betriebsprüfung betroffen beträge bezahlen bezahlung bezug bild
bis bisher bitte bitten blatt blick brief brutto buch buchhaltung buchung budget budgets bücher büro cent
centi chance chef chefin container da dabei dadurch dafür daher dahin damen damit danach dank danke danken
dann daran darauf darüber das dass datei daten datenblatt datum dauer dazu dem den dennoch der deren derzeit
des deshalb dessen deswegen deutsch die dienst dienstag diensten diese diesem diesen dieser dieses ding
dinge direkt doch dokument dokumentation dokumente donnerstag doppelte dort drei dringend dringende durch
durchsicht ebenso eckpunkte eigenerklärung eigentum eil eilig ein eindruck eine einem einen einer einerseits
eines einfach eingang einigung einkauf einladung einmal einsatz einspruch einwand einzelheiten einzelpreis
einzige element empfang empfänger endbetrag ende endgültig endgültige englisch entgelt entscheidung
entscheidungen er erfolg ergebnis ergänzung erinnern erinnerung erklärung erledigung erneut ersatz
ersatzteil ersatzteile erst erste ersten erwarten erwartet es etwa euer euro fachbetrieb fahrer fahrt fall
falls familie fax fehlbetrag fehlend fehlende fehler fehlt ferner fest finden firma firmen fläche folge
folgende folgenden folgendes fordern forderung forderungen form formular fortschritt frage fragen frau
freigabe freistellungsbescheinigung freitag freuen freundliche freundlichen frist fristablauf fristen fünf
für gang ganz gebiet gebühr gebühren geehrte geehrter gefahr gegen gegenüber gehalt gehen geht geist geld
gelegenheit gemeinsam gemäß genau genehmigung geprüft gericht gern gerne gerät geräte gesamt gesamtbetrag
gesamtpreis gesamtsumme geschäft geschäfts geschäftsführer geschäftsführerin geschäftsführung gesellschaft
gesendet gespräch gesprächs gesprächspartner gestern gewerbe gewicht gibt gleich gleichzeitig großen großer
grund gruppe gruß gründe grüße grüßen gut gutachten gute guten gutschrift gäste gültig gültigkeit hab haben
hafen haftpflicht halle hallo halten hand handel handelsregister handlung handy hat haus heft hersteller
herunterladen herzliche herzlichen heute hier hierfür hiermit hilfe hingegen hinweis hinweise hof hoffen
hotline häuser höhe hürde ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in info inhaber inhalt
inkasso innerhalb insgesamt insolvenzverwalterin interesse inventur irrtum ist ja jahr jahre jahresende je
jede jeder jedoch jetzt kabel kalendertage kannst kanzlei kapazität karte karten kasse katalog kauf kein
keine keinen kennzeichen kernpunkte klage klasse klärung kollege kollegen kollegin kommen kommende kommentar
kontakt kontaktdaten konten konto kontoinhaber kontonummer kontrolle kopie korrektur kosten kraft
krankenkasse kredit kreis kunde kunden kundendienst kundennummer kundin kurz käufer könnt könnte könnten
kürze laden lage lager land laufzeit laut leben legen leider leistung leistungen letzte letzten letztmalig
letztmals leute liebe lieber liefer lieferant lieferanten lieferdatum lieferschein lieferschwierigkeiten
liefertermin lieferung lieferungen lieferzeit liegt linie liste lizenz lizenzen lkw luft lösung machen
mahnbescheid mahngebühr mahnkosten mahnlauf mahnstufe mahnung mahnungen mahnverfahren mail mal man mandant
mandantin mangel markt maschine maschinen material maß maßnahme maßnahmen mehr mehrere mehrwert meilenstein
mein meine meinung melden menge mengen mensch menschen messe meter mit mitarbeiter mitarbeiterin mitgeteilt
mitglieder mitte mitteilung mittel mittwoch monat monate monatsende montag montage monteur morgen muss
muster mängel märkte möchte möchten möglich möglichkeit möglichkeiten mühe müssen nach nachbarn nachdem
nachfolgend nachfolgende nachfrage nachgang nachlass nachricht nacht nachtrag nachträglich nachweis
nachweise name namen natürlich neben nehmen nein netto netz neu neue neuer neuigkeiten nicht nichts noch
nochmals nord notiz notizen nummer nun nur nutzen nämlich ob oben obwohl oder offen offene offenen offener
offizielle ohne option ordner ort ost paket palette paletten partei partner passt pause person personal
pflicht phase pilot pilotprojekt plan planung platz position positionen post posten preis preise priorität
pro probe problem probleme produkt produkte projekt protokoll prozent prozess prüfen prüfung pumpe punkt
punkte quartal quartalsende quittung rabatt rahmen rand rat rate raten raum rechner rechnung rechnungen
rechnungsbetrag rechnungsdatum rechnungsnummer recht rechte rechtliche rechtsanwalt rechtsweg rechtzeitig
rede referenz regel regelung registerauszug reichen reihe reise rest restbetrag risiken risiko rohstoff
rollout rufen ruhe rück rückblick rückerstattung rückfrage rückfragen rückmeldung rückruf rücksprache
rückstand rückzahlung sache sagen saldi saldo samstag satz schaden schauen schein schicht schicken schluss
schlüssel schnellstmöglich schreiben schrift schritt schritte schuld schuldner schuldnerin schule schulung
schutz schönes sehr seit seite seiten sekretariat sekunden selbst selbstverständlich senden sendung service
sicherheit sicht sie sind situation sitz skonti skonto so sobald sofern sofort software sogar sohn soll
sollte sollten somit sonder sondern sonntag sonst sowie sowohl spedition sperre sprache sprechen spätestens
stadt stammdaten stand standort start status stehen stelle stellen stellung steuer steuernummer stichtag
stimme stimmt stoff straße strom stufe stunde stunden stück summe system systeme süd tabelle tag tage tagen
tat tatsächlich team teams technik teil teilbetrag teile teilen teillieferung teilnehmer teilzahlung telefon
telefonat telefonnummer termin termine text thema themen tisch titel tonne tonnen top total trotz täglich
tür uhr um umbau umfang umgehend umsatz umstände umzug unbedenklichkeitsbescheinigung und unfall unser
unsere unserem unseren unserer unseres unten unter unterdessen unterlage unterlagen unternehmen unterschied
unterschiede unterschrift unterstützung unverzüglich urlaub ursprung ursprünglich valuta verabredung
veranlassen veranlassung verantwortlich verantwortliche verantwortung verbindlichkeit verbindung verein
vereinbaren vereinbart vereinbarung verfahren verfall verfügung vergangene vergangenen vergleich verhandlung
verkauf verkehr verkäufer verlauf verlängert vermerk vermutlich vermögen verpackung verpflichtung versand
versehen versicherung verspätung verstehen verständnis versäumnis vertrag vertrags vertrauen vertreter
vertrieb verträge verwendung verwendungszweck verzug verzugszinsen verzögerung verzögerungen viel viele
vielen vielleicht voll vollständig vom von vor voraus voraussetzung voraussichtlich vorbehalt vorgang
vorgehen vorhaben vorlage vorname vorschau vorschlag vorteil vorweg wagen wahl wahrscheinlich
wahrscheinlichkeit wand ware waren warten wartung warum was wasser weg wegen weil weitere weiterem weiteren
weiterhin welche welt wenden weniger wenn wer werden werk werktag werktage wert werte west wichtig wichtige
widerruf widerspruch wie wieder wiedervorlage wir wird wirklich wirtschaft wissen wo woche wochen wochenende
wohl wort wunsch wurde wurden während wünsche würden zahl zahlen zahlt zahlung zahlungen
zahlungsaufforderung zahlungsbedingungen zahlungsbeleg zahlungsdaten zahlungsdatum zahlungseingang
zahlungseingänge zahlungserinnerung zahlungsfrist zahlungsmittel zahlungsplan zahlungsrückstand
zahlungsverzug zahlungsweise zahlungsziel zeichen zeichnung zeile zeit zeitfenster zeitnah zeitplan
zeitpunkt zeitraum zentrale zettel zeugnis ziehen ziel zins zinsen zoll zu zubehör zudem zuerst zufolge
zufriedenheit zug zugang zukunft zuletzt zum zunehmend zunächst zur zurück zurücksetzen zusage zusagen
zusammen zusammenarbeit zusammenfassung zusammenhang zuschlag zustand zustellung zustimmung zuständigkeit
zusätzlich zuvor zwar zweck zwei zweifel zwischen über überblick überfällig überfällige überprüfen
überprüfung übersicht überweisen überweisung üblich
"""

_FRENCH: Final = """
absence accord accusé achat acompte acte action actions activité activités actuellement adresse afin
agissant agréer ai aimerions ainsi alors annexe annulation annulez approbation après article articles
assurance attendons attente attestation au aucun aucune aujourd'hui aurez aurions aussi autre autres aux
avant avec avez avis avoir avons avril banque bien bilan bon bonjour bonne bonsoir bordereau bureau but
bénéficiaire c'est car carte cas ce ceci cela celle celui certificat ces cet cette chaque cher chers chère
ci-dessous ci-joint client clients commande commandes comme comment commercial comprenons compréhension
comptabilité compte concernant condition conditions confiance confirmation confirmez confirmons conformité
conformément considération contact contrat contrats coordonnées copie cordialement cordiales correction
courrier cours coût d'avance dans date de demande depuis dernier dernière dernièrement dernières des dette
deuxième devis différence différences directeur direction disponible disposez distinguées document documents
donc dont dossier droit du dès décembre décision décisions délai délais désormais détail détails elle elles
email en encore enfin ensuite entre entreprise environ envoyez envoyons erreur espérant est et expiration
expéditeur facture factures faute fin finalement finance fois fournisseur fournisseurs fourniture frais
février garantie gestion grâce hier honneur hors ht ici il ils impayé impayée impayés important importante
indemnité indiquez information informations intérêts j'ai janvier je jeudi joignez jour jours juillet juin
jusqu'à justificatif l'ensemble la le les lettre leur leurs ligne lignes liste litige livraison livraisons
livrer lors lorsque lui lundi là madame mademoiselle mai mail mais malgré malheureusement manquant manquants
manque marchandise mardi mars merci mercredi mes mesdames message messieurs mesure mise mode moins mois mon
monsieur montant montants motif moyen n'hésitez ni nom nombre non nos notamment note notes notre nous
nouveau nouvelle nouvelles novembre numéro néanmoins objet octobre offre offres ou oui où paiement paiements
par paragraphe parce pareil parmi partie pas passé payez pendant personne personnes pièce pièces plus
plusieurs point points poste pour pourriez pourriez-vous pourrions pouvez pouvez-vous pouvons premier
première prestation prix prière problème prochain prochaine produit produits projet proposition près
préalable précisez précédent précédents puis puis-je puisque quand quant quantité quantités que quel quelle
quelques question questions qui quoi rappel rappelez rappels rapport recevez recouvrement regrettons relance
relances relevé remarque remerciant remise rendez-vous renseignement reste restons retard retour reçu rien
risque risques règlement réception référence réglez réglée réponse résumé réunion sa sachez salutations
samedi sans sauf se seconde selon semaine sentiments septembre sera serai serait serions serons service
services ses seul si sincère sincèrement sincères situation société soit solde somme sommes son sont
souhaitant souhaitez souhaitons sous soyez suite sur surtout tant taux taxe tel tenant terme titre toujours
tous tout toute toutefois toutes transmettez troisième trop trouverez très ttc téléphone un une unité urgent
usage valeur veillez vendredi vente ventes verrez versement veuillez veuillez-vous via virement virements
voici voilà vos votre voudriez vous vu vérifiez à écart écarts échéance étant étape état été évidemment être
"""

_SPANISH: Final = """
a abonado abonar abono abril acciones acción actividad actividades actualmente acuerdo adelante además
adjunta adjuntamos adjunto adjuntos administración agosto agradecemos agradecería agradeciendo agradezco
ahora al algo alguna algunos algún almacén amable amistoso antes apreciada apreciado aprovecho aquel aquí
archivo artículo artículos asimismo asunto atención atentamente atento aun aunque avisamos aviso ayuda año
aún banco bien bienvenido buen buena buenas bueno buenos cada cambio cantidad cantidades cargo caso
certificado cliente clientes cobro comercial como compra compras comprendemos comunicación con concepto
condiciones confirmación confirmamos confirmen confirmo conforme consulta contacto contamos contrato
contratos copia cordial cordiales cordialmente correo cosa crédito cual cuando cuanto cuenta cumplimiento
cuándo cómo dado datos de debe debido decisiones decisión del departamento desde deseamos deseo después
detalle detalles deuda dicha dicho diciembre diferencia diferencias dirección disculpe disponible documento
documentos domingo donde durante día días dígame dónde e efectuar el ella ellos embargo empresa en encantado
encontrará enero entendemos entre entrega entregas enviado enviamos enviar envío equipo error es esa ese eso
espera esperamos esperando espero esta estado estamos estaremos estaríamos estas este estimada estimadas
estimado estimados esto estoy está etapa euros factura facturas falta favor febrero fecha fechas feliz fin
final finalmente firme gastos gestión gracias gratitud ha hablamos había hace hasta hay hemos hola hora hoy
igualmente impagada impagado importa importe importes información informamos inmediato intereses jueves
julio junio junto justificante la lamentamos lamento las le les lista llamada llevo lo los luego lunes línea
líneas mal martes marzo mas mayo mayor mañana me medidas medio mensaje mes mi mientras mismo miércoles
motivo muchas mucho muy más necesitamos necesito ni ninguna ningún no nombre nos nosotros nota notas
noviembre nuestra nuestras nuestro nuestros nueva nuevamente nuevo número o octubre oferta ofertas otra otro
otros pago pagos para parte partida pasado pedido pedidos pendiente pendientes pero persona plazo plazos
podría podríamos podrían por porque posible precio precios pregunta presupuesto previo primer primera
primero problema procedimiento producto productos pronto proveedor proveedores proyecto próxima próximo
puede pueden pues punto puntos póliza que queda quedamos quedan quedando queremos querida querido quería
queríamos quien quisiéramos quizá quizás quién qué realizar recepción reciba recibido recibir recibo
recordamos recordarle recordatorio recordatorios referencia referente registro respecto respuesta resumen
retraso
reunión revisando riesgo riesgos rogamos ruego rápidamente sala saldo saludo saludos salvo se seguimiento
seguimos segunda segundo seguro según semana septiembre ser servicio servicios sería seríamos señor señora
señores si sido siempre siguen siguiente siguientes sin sino sobre solicitamos solicito solicitud solo son
su suerte suma sus sábado sí sírvase sólo tal también tampoco tan tanto tarde teléfono tenemos tengo tiene
titular toda todas todavía todo todos total trabajo transferencia tras un una unidad urgente usted ustedes
valor vencida vencidas vencido vencimiento vencimientos ventas ver vez viernes vista y ya yo él última
últimas último últimos
"""

_ITALIAN: Final = """
a abbiamo acconto accordo acquisto ad adesso aggiornamento agli agosto ai al alcuni alla alle allegata
allegati allegato allego allora almeno altra altre altri altro amministrazione anche ancora anno anticipo
anzi aprile articoli articolo assicurazione attendiamo attesa attività attuale attualmente avremmo azienda
azione azioni banca bene beneficiario bonifici bonifico buon buona buonasera buongiorno busta cara cari caro
caso causa certificati certificato che chi chiediamo cliente clienti come commerciale compimento
comprendiamo comunicazione comunichiamo con concordato condizioni conferma confermiamo confermo confidando
conformità consegna considerando considerato contatto conto contratti contratto copia cordiale cordiali
cordialità cordialmente cosa costi costo così credito cui da dagli dai dal dalla data date dati davvero
debito decisione decisioni degli dei del della delle dello desideriamo dettagli dettaglio deve di dicembre
differenza differenze direzione disponibile distinti ditta dobbiamo documentazione documenti documento
domanda domande domenica dopo dove dovremmo dovreste dovuto durante e ecco ed effettuare egregi egregio
elenco entro errore esatto esempio estratto fa faremo farà fase fate fattura fatture favore febbraio fermo
fine fino finora fornitore fornitori forse fra gennaio gentile gentili gentilissima gentilissimo giorni
giorno giovedì giugno già gli grazie ha ho i ieri il impegno importante importi importo in inadempimento
indicare indirizzo infatti infine informazioni informiamo inoltre insoluta insolute insoluto interessi
intestatario invece inviamo inviate inviateci invio io la lavoro le legale lei lettera linea lista lo loro
luglio lunedì ma maggio mancante mancanti mancata mancato marca martedì marzo me meglio mensile mentre merce
merci mercoledì mese messaggio mi mittente modalità modo molte molti molto motivo ne nel nella nelle nessun
nessuna niente no noi nome non nonostante nostra nostre nostri nostro nota note novembre nulla numero nuova
nuovo né o occasione offerta offerte oggetto oggi ogni oltre opera oppure ora ordine ordini ordiniamo
ottobre pagamenti pagamento pagare parte particolare partita partite passato per perché perciò perfetto
persona però piacere più pochi poi poiché porgiamo possiamo possibile posta potete potrebbe potrei potremmo
potreste precedente precedenti preghiamo prego presso prezzi prezzo prima primo problema procedere procedura
prodotti prodotto progetto promemoria proposta prossima prossimo provvedere punti punto purtroppo può
qualche qualcosa quale quali qualora quando quantità quanto quel quella quello questa queste questi questo
qui quindi ragione rapporto recapito reclamo regolare regolarizzare regolarmente relativa relativo restando
restiamo resto riassunto ricevuta ricevuto richiediamo richiesta riepilogo riferimento riga righe rimango
rimaniamo ringraziamo ringraziando ringraziandovi rischi rischio rispetto risposta ritardo riunione rottura
sabato saldo salute saluti salve salvo sapete sapremo sarebbe sarei saremmo saremo sarà sarò scade scadenza
scadenze scaduta scadute scaduti scaduto scusate se secondo segnaliamo segnalo seguente seguenti seguito
sempre senza servizi servizio settembre settimana si siamo signor signora signore signori sino situazione
sms soldi solleciti sollecitiamo sollecito solo somma sono sotto spedizione speriamo spero spese spett
spettabile stato stesso su sua subito sue sugli sul sulla suo suoi sé sì tale tali tanto telefono tempo
termine termini totale tra trasporto trattandosi trovate trovi tutta tutti tutto ufficio ultima ultimo un
una unità uno urgente valore vediamo vendita vendite venerdì verifica versamento vi via visto voglia
vogliate voi volete volta vorrei vorremmo vostra vostre vostri vostro vs è
"""

_DUTCH: Final = """
aan aanbetaling aanbieding aanbod aandacht aangezien aanleiding aanmaning aanmaningen aantal aanvraag achter
achternaam achterstallige actie acties activiteit activiteiten adres af afdeling afgelopen afspraak
afspraken afwijking afwijkingen akkoord al alle alleen alles als alsjeblieft alsnog alstublieft alvast ander
andere anders antwoord april artikel artikelen augustus bank bankrekening bedankt bedrag bedragen bedrijf
begin behoudens beide bel beloofd bericht beschikbaar besluit besluiten beste bestelling bestellingen
bestelnummer betaal betaald betaaldatum betaaltermijn betaling betalingen betalingsherinnering
betalingstermijn betreft bevestiging bij bijgaand bijgevoegd bijlage bijlagen binnen blijft boven bovendien
bovengenoemde brief btw buiten certificaat certificaten cijfers collega collega's contact contactpersoon
contract contracten d.d. daar daarbij daarmee daarna daarom dag dagen dan dank dat datum de december deel
deze dezelfde dhr die dient dinsdag direct dit document documenten donderdag door doorgeven drie dringend
dus e echter een eerder eerdere eerste eerstvolgende eigenaar einde en enige enkele er euro facturen factuur
factuurdatum factuurnummer februari fijn fijne formeel fout fouten gaan gaarne gaat geacht geachte gebied
gebruik geef geen gegevens geldt gelieve gemachtigde genoemd genoemde gesprek getekend geval gezien goed
goede goedemiddag goedemorgen goedendag graag groet groeten haar had hallo handel hartelijk hartelijke heb
hebben hebt heeft heer helaas hem heren herinnering herinneringen het hier hierbij hiermee hij hoe
hoeveelheden hoogachtend hoeveelheid hoewel hoi hoofdsom hoop hopen houdt hun idee ieder iedere iets ik in
incasso incassobureau incassokosten indien informatie ingebrekestelling inhoud inkoop inmiddels instantie
is ja jaar
jammer januari je juli juni juridische kan kans kantoor keer klant klanten klantnummer klik komende kopie
korte korting kosten kun kunnen kunt kwaliteit kwartaal laat laatste laten later leverancier leveranciers
leverdatum levering leveringen levertijd liefst lijn lijst maand maandag maar maart maatregelen mail
makelaar man me mededeling mee meer meerdere meest mei melding men meneer met mevrouw middels mijn minder
mocht mochten moet moeten mogelijk mogelijkheid mogen momenteel na naam naar nadat nader namelijk namens
natuurlijk nee neem neemt nemen netto niet niets nieuw nieuwe nodig nog nogmaals noot notitie notities
november nu nummer of offerte offertes ofschoon oktober om omdat omschrijving ondanks onder ondergetekende
onderhandeling ondernemen onderneming ondertussen onderwerp ongeveer ons ontbreekt ontbrekend ontbrekende
ontvangen ontvangst onze ook oorzaak op opdracht opdrachten openstaand openstaande opmerking opmerkingen
orde order orders origineel over overboeking overeenkomst overeenkomsten overig overleg overweging overzicht
pagina pakket partij peil per periode persoon plaats plan post prettige prijs prijzen probleem procedure
product producten project punt punten reactie recent recht rechtsmaatregelen reden referentie regel regels
rekening rekeningnummer rente rest resultaat retourneren risico risico's saldo samen samenvatting schrijven
september service sinds slechts sluitingsdatum snel sneller soms spoed spoedig stand stap stappen status
stel stuk stuks sturen stuur stuurt te tegen tegenover telefonisch telefoon telefoonnummer ten
tenaamstelling tenminste tenslotte tenzij ter termijn terug tevens tijd tijdens toch toe toen tot totaal
totaalbedrag totdat transport tussen twee u uit uiteraard uiterlijk uitstel uur uw vaak van vanaf vandaag
vandaar vanwege vast veel ver veranderingen verantwoordelijke verder verdere vergadering vergeten vergoeding
verklaring verkoop verlopen verplichting verschil verschillen verschuldigd verschuldigde vertraging
vertrouwen vertrouwende verval vervaldatum vervallen verwacht verwachten verzekering verzending verzoek
verzoeken via vijf vinden vindt voldaan voldoen volgend volgende volgens volledig voor vooraf voorbeeld
voorbehoud voordat voorstel voorwaarden voorzien vordering vorderingen vraag vragen vriendelijk vriendelijke
vrijdag waar waarbij waarde waarom waarvan wanneer want was wat wederom week weer weet wegens wel welk welke
werk werkdagen wettelijke wie wij wil wilde willen wilt woensdag worden wordt zaak zaken zaterdag ze zeer
zelf zelfs zes zet zie zien ziet zij zijn zo zoals zodat zodra zojuist zondag zonder zou zouden zoudt zullen
"""

_POLISH: Final = """
a aby adres akcja aktualnie albo ale ani artykuł bank bardzo bez bezzwłocznie bieżący biuro blisko bo brak
brakujące brakujący by bylibyśmy był była byłabym byłbym było były będzie będziemy będąc będę błąd całkowita
całość cel cena ceny certyfikat certyfikaty chcemy chciałabym chciałbym chcielibyśmy choć ci cieszymy cieszę
ciągu co czas czasu czego czekamy czerwca czerwiec cześć czwartek czy czyli czym czynności część dalsze
dalszych dana dane data daty decyzja decyzje dla dlaczego dlatego do dobry dodatkowo dokonaliśmy dokument
dokumenty dokumentów doręczenie dostarczenie dostawa dostawca dostawcy dostawy dostawę dołączamy drodze
drodzy droga drogi drogą drugie dział działania dzień dzisiaj dziękujemy dziękuję dziś e-mail euro
ewentualne ewentualnie faktur faktura fakturami faktury fakturę firma firmy formalne gdy gdyby gdzie godzina
gratuluję grudnia grudzień gwarancja góry ich ile ilości ilość im imię informacja informacje informujemy
inne innym istnieje iż ja jak jakie jako jakość jednak jednocześnie jego jej jest jestem jesteśmy jeszcze
jeśli jeżeli już każda każdy kiedy kierowca kierownik klienci klient klienta kliknij kolejne konta kontakt
konto korekta koszt koszty krok kroki kto która które którego którzy którą kwartał kwiecień kwietnia kwota
kwoty kwotę liczba liczymy liczę linia lipca lipiec list lista listopad listopada lub ludzie lutego luty
mail maj maja mamy marca marzec masz mi miejsca miejsce miesiąc mimo między mnie moglibyście mogę może
możecie możemy możliwe możliwie możliwość można musi my na nad nadal nadawca nadzieję najbliższym najpóźniej
należności należność należy naliczenie nam nami nas następne następnie następny następujące nasz nasza nasze
naszego naszej naszym natychmiast nawiązując nawiązuję nazwa nic nie niedopłata niedziela niestety
niezapłacona niezapłacone niezapłaconych niezwłocznego niezwłocznie nim niniejszym niż no notatka notatki
nowa nowe nowy numer o obecnie ocena oczekuję od odbiorca odnośnie odpowiadam odpowiedzi odpowiedź odsetek
odsetki oferta oferty ogólna ogółem okres on ona one oni opis opóźnienia opóźnienie opłata oraz oryginał
osoba osoby ostateczne ostatecznie ostatni ostatnia ostatnie oto otrzymaliśmy otrzymałam otrzymałem paczka
pan pana pani panie panią panowie panu partner partnerzy państwa państwo państwu październik października
pełna pełne pierwsze pierwszy pilne pisaliśmy pismo piątek plan po pod podatek podpis podstawa podsumowanie
pomimo pomoc poniedziałek ponieważ poniżej ponowne ponownie potrzebuję potwierdzam potwierdzamy
potwierdzenia potwierdzenie powyżej powyższa powyższe pozdrawiam pozdrawiamy pozdrowienia pozdrowieniami
pozostaje pozostajemy pozycja pozycje prawidłowy procedura proces produkt produkty projekt proponujemy
proponuję propozycja prosimy proszę prośba przed przedmiot przedpłata przedsądowe przekazaliśmy przekazujemy
przelew przelewem przelewu przepraszamy przesyłamy przesyłka przeterminowana przeterminowane przez przy
przykro przypadku przypominamy przypomnienia przypomnienie punkt punkty pytania pytanie półrocze płatności
płatność rachunek rachunku raport raty razem realizacja regulacja regulowanie reklamacja rozmawialiśmy
ryzyka ryzyko również różnica różnice saldo serdeczne serdecznie sierpień sierpnia się skoro sobota sposób
spotkanie sprawa sprawdzenie sprawie sprzedaż spłata stan stanowisko status stawka strona strony styczeń
stycznia suma sumy swoje szanowna szanowne szanowni szanowny szczegóły są sąd sądowe ta tabela tak także tam
te tego tej telefon temat ten teraz termin terminie terminu terminy też to towar transport treść trzy tu
tutaj tydzień tygodni tygodnia tylko tym tymczasem tytuł tytułem u ubezpieczenie uiszczenie umowa umowy
uprzejmie upłynął upływ uregulowania uregulowanie ustalenia ustaliliśmy usługa usługi uwadze uwaga uwagi
uzgodniliśmy w warto wartość warunki wasza wasze ważne ważność wcześniej wcześniejsze we według wezwania
wezwanie wiadomość wierzyciel wierzymy windykacja witam więc wobec wpłata wpłaty wraz wrzesień września
wszelkie wszyscy wszystkie wszystko wtedy wtorek wyjaśnienie wykaz wykonanie wymagane wysokości wysokość
wystawiona wysyłam wysyłamy wysłanie wysłałem wz względu z za zadania zadanie zadłużenie zakup zakupu
zalegla zaległe zaległości zaległość zamówienia zamówienie zapowiedzieli zapraszam zapraszamy zapytanie
zapłaciliśmy zapłata zapłaty zapłatę zatem zawiadomienie załatwienie załączeniu załącznik załączniki ze zero
zespół zgoda zgodnie zgodność zmiana zmiany znak zostanie został została zostało zwracam zwracamy zwrot
zwłoki ósmy łączna łącznie łączną środa żaden że żeby życzeniami
"""

_TITLES: Final = """
ach agb api asap avg aw bank bcc bic btw cc ceo cfo cif cip co coc coo crm csv cto cv dap ddp dhr docx don
dott dottore dottoressa doña dr dsgvo ean edi eori erp eta eu exw faq fax fob frau fw fwd fyi gbp gdpr gib
heer herr hgb hr hrb hrg ht http https i iban id ii iii incoterms isbn iso it iv iva kb kpi kvk lkw m madam
madame meneer mevr mevrouw miss mlle mme monsieur moq mr mrs ms msds mwst mx nb nda nif nip no nr num ok pan
pani panie panowie pdf po prof ps re regon rfp rfq rgpd rodo roi rsvp sepa señor señora sig signor signora
sir siren siret sirs sku sla sms sr sra srta swift tel ttc tva ubl uid url usd ust ust-idnr ustg ustid v vat
vi vies vii wg whatsapp www x xlsx xml
"""

ORDINARY: Final = frozenset(
    word
    for text in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _DUTCH, _POLISH, _TITLES)
    for word in words(text.casefold())
)
"""All of them, small."""

GREETINGS: Final = frozenset(
    words(
        "beste bonjour cara caro cher chère ciao dear dhr don doña dr droga drogi egregio estimada estimado "
        "frau geachte geehrte geehrten geehrter gentile guten hallo heer hello herr herrn hey hi hola liebe "
        "lieber madame mevr mevrouw miss monsieur mr mrs ms pan pani panie panią panu prof señor señora sig "
        "sig.ra signor signora spett spettabile sr sra szanowna szanowny"
    )
)
"""Behind these somebody is called by name."""

ADDRESSED: Final = frozenset(
    words(
        "abend accounting accounts all and best both buenos client cliente clients colegas colleague "
        "colleagues collega's colleghi collègues company customer customers damen dames department ditta "
        "dottore dottoressa dr dyrektorze equipo everyone finance fornitore frau from gentlemen "
        "geschäftspartner heer heren herr herren kind klant klienci kliencie kollege kollegen kollegin "
        "kolleginnen kunde kunden kundin la ladies le leverancier lieferant madam madame mesdames messieurs "
        "mevrouw monsieur morgen mr mrs ms nous or our pan pani panie panu partner partners partnerze "
        "payable państwo prezesie prof proveedor receivable relatie sales señor señora señoras "
        "señores signor signora signore signori sincerely sir società supplier support tag team the there "
        "vous warm your grüsse grüssen gruss sirs zespole à équipe"
    )
)
"""Who may be called without a name."""
